import wan_notebook as wan
from wan_notebook.media import Preparation, video
from wan_notebook.media.prepare import expected_video

dance = video(wan.samples.reference(seconds=2, fps=30))
expected_video(dance, Preparation(end=1, fps=16)).frames  # → 16
