import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
try:
    clip = wan.animate(hero, dance, num_inference_steps=8)
except wan.errors.NotAllowed:
    clip = wan.animate(hero, dance, num_inference_steps=8, service=wan.Service.embedded())  # free
