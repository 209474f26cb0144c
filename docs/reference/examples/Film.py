import wan_notebook as wan

plan = wan.film(wan.samples.character(), wan.samples.reference(seconds=5, fps=16), num_inference_steps=4)
film = plan.run()
clip = film.result()
len(film)  # → 2
film[1].settings["shift"]  # → 5.0
