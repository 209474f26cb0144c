import wan_notebook as wan

plan = wan.film(wan.samples.character(), wan.samples.reference(seconds=5, fps=16), num_inference_steps=4)
longer = plan.remove_cut(plan.shots[1].shot.begin).change(0, shift=7)
len(longer.shots)  # → 1
print(longer)
