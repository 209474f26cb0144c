import numpy as np
import wan_notebook as wan
from PIL import Image
from wan_notebook.faces.find import face_reader

pixels = np.asarray(Image.open(wan.samples.character()).convert("RGB"))
(face,) = face_reader().find(pixels)
face.mesh.points.shape  # → (468, 3)
