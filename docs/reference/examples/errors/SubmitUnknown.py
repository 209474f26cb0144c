import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
try:
    clip = wan.animate(hero, dance, num_inference_steps=8)
except wan.errors.SubmitUnknown as lost:
    clip = wan.resume(lost.client_request_id).result()  # looks for it in the service's log
