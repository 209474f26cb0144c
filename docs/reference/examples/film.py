import wan_notebook as wan

plan = wan.film(wan.samples.character(), wan.samples.reference(seconds=5, fps=16), num_inference_steps=4)
len(plan.shots)  # → 2
clip = plan.run().result()  # with a key: plan.run(budget=3.00)
