import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=8)
stop = run.observe(lambda progress: None)  # is called at each change, from the background
clip = run.result()
stop()
run.done, run.progress.phase.value  # → (True, "Done")
