import wan_notebook as wan

hero = wan.samples.character("noor")  # a PNG
dance = wan.samples.reference("wonder", seconds=1)  # an MP4
wan.samples.curves("wonder", seconds=1, fps=25).time.shape  # → (25,)
