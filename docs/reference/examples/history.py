import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
wan.animate(hero, dance, num_inference_steps=8)
jobs = wan.history("hello", phase="saved")
jobs[jobs.rows[0]["number"]].clip.name.endswith(".mp4")  # → True
