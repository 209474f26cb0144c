import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=8, again=True)
try:
    clip = run.result(timeout=0)
except wan.errors.StillRunning as error:
    caught = error
clip = run.result()  # in another kernel: wan.resume(caught.job.id).result()
