import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=8)
clip = run.result()
wan.resume(run.job.id).result().path == clip.path  # → True
