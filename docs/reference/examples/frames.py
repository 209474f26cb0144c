import wan_notebook as wan
from wan_notebook.video.read import frames

dance = wan.samples.reference(seconds=1)
small = [frame.pixels for frame in frames(dance, fps=5, height=64)]
len(small), small[0].shape[0]  # → (5, 64)
