import wan_notebook as wan

panel = wan.Panel(image=wan.samples.character(), video=wan.samples.reference(seconds=1), shift=7)
panel.studio.shift  # → 7.0
