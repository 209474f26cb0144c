import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=8)  # returns at once
clip = run.result()  # or: clip = await run
run.job.status  # → "completed"
