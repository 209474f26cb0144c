import numpy as np
from wan_notebook.media import video

grey = [np.full((64, 48, 3), level, np.uint8) for level in range(0, 250, 10)]
clip = video(grey, fps=25)
clip.frames, clip.duration  # → (25, 1.0)
