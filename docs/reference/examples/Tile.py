import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
plan = wan.sweep(hero, dance, num_inference_steps=8, shift=[3, 6])
tile = plan.run().result()[1]
tile.settings["shift"], tile.clip is not None  # → (6.0, True)
