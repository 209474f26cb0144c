import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=4)
async for progress in run:
    print(progress.phase.value, progress.fraction, progress.time_left)
run.progress.phase.active  # → False
