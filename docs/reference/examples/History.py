import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
wan.animate(hero, dance, num_inference_steps=8)
jobs = wan.history()
jobs.table[["phase", "shift"]]  # a DataFrame
jobs.export_csv("jobs.csv")
