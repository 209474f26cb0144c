import wan_notebook as wan
from wan_notebook.sweeps import load

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
wan.sweep(hero, dance, num_inference_steps=8, shift=[3, 6]).run().result().save("shifts")
len(load("shifts").table)  # → 2
