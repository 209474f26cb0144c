import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
try:
    clip = wan.animate(hero, dance, num_inference_steps=8)
except wan.errors.Rejected as error:
    print(error.status_code, error.request_id)  # the service's support finds it by its id
