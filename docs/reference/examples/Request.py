import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
clip = wan.animate(hero, dance, num_inference_steps=8)
clip.request.shift  # → 5.0
