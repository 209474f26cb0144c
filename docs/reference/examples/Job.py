import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=8)
clip = run.result()
run.job.engine  # → "preview"
