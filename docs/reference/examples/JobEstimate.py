import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
estimate = wan.estimate(hero, dance, service=wan.Service.hosted())
print(estimate.basis)
[notice.topic for notice in estimate.notices]  # → ["short"]
