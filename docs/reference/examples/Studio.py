import wan_notebook as wan

studio = wan.Studio(image=wan.samples.character(), video=wan.samples.reference(seconds=1), num_inference_steps=8)
studio.observe(lambda change: None, "progress")  # is called at each step
clip = studio.generate().result()
studio.clip.path == clip.path  # → True
