import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
try:
    workers = wan.Service.embedded("tcp://127.0.0.1:9")
    wan.animate(hero, dance, num_inference_steps=8, service=workers)
except wan.errors.ClusterUnavailable:
    clip = wan.animate(hero, dance, num_inference_steps=8)  # on this computer
