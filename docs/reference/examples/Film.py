import wan_notebook as wan

plan = wan.film(wan.samples.character(), wan.samples.reference(seconds=5), num_inference_steps=8)
film = plan.run()
clip = film.result()
len(film)  # → 2
film.remake(1, shift=3)  # the other shot stays, and is not made again
clip = film.result()
