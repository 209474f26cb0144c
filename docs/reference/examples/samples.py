import wan_notebook as wan

hero = wan.samples.character()  # a PNG
dance = wan.samples.reference("hello", seconds=1)  # an MP4
wan.samples.curves("hello", seconds=1, fps=25).time.shape  # → (25,)
