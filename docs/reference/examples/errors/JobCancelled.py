import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
run = wan.submit(hero, dance, num_inference_steps=8, again=True)
run.cancel()
try:
    run.result()
except wan.errors.JobCancelled as error:
    caught = error
print(caught)
