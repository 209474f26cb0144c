import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
wan.animate(hero, dance, num_inference_steps=8)
newest = next(iter(wan.history()))
newest.phase, newest.paid  # → ("saved", False)
