import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
plan = wan.sweep(hero, dance, num_inference_steps=8, shift=[3, 6])
print(plan)  # cells, price, time; nothing was sent
len(plan.cells)  # → 2
