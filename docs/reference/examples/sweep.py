import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
plan = wan.sweep(hero, dance, num_inference_steps=8, shift="3-6 (+3)")
len(plan.cells)  # → 2
grid = plan.run()  # with a key: plan.run(budget=1.20)
grid.result().best("expression_fidelity").clip
