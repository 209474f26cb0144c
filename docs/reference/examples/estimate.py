import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=2, fps=30)
dear = wan.estimate(hero, dance, service=wan.Service.hosted())
cheap = wan.estimate(hero, dance, service=wan.Service.hosted(), prepare_video={"end": 1, "fps": 16})
dear.frames, cheap.frames  # → (60, 16)
