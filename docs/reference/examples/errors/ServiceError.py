import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
nobody = wan.Service.at("http://127.0.0.1:9", "token", paid=False)
try:
    wan.animate(hero, dance, num_inference_steps=8, service=nobody)
except wan.errors.ServiceError as error:
    caught = error
caught.status_code  # → None
