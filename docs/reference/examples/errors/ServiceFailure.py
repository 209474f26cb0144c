import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
try:
    clip = wan.animate(hero, dance, num_inference_steps=8)
except wan.errors.ServiceFailure as error:
    print(error.status_code, error.body)  # run the cell again: what was taken is watched, not bought again
