import wan_notebook as wan
from wan_notebook.media import Preparation

hero, dance = wan.samples.character(), wan.samples.reference(seconds=2, fps=30)
shorter = Preparation(end=1, fps=16)
clip = wan.animate(hero, dance, num_inference_steps=8, prepare_video=shorter)
clip.settings["prepare_video"]  # → {"end": 1, "fps": 16}
