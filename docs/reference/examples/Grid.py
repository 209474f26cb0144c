import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
plan = wan.sweep(hero, dance, num_inference_steps=8, shift=[3, 6])
grid = plan.run().result()
grid.table[["shift", "temporal_stability"]]
grid.export_html("shift.html", title="Shift").clips  # → 2
