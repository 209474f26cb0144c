import numpy as np
import wan_notebook as wan
from PIL import Image
from wan_notebook.faces.expression import Reading
from wan_notebook.faces.find import face_reader

reader = face_reader()
pixels = np.asarray(Image.open(wan.samples.character()).convert("RGB"))
mesh = reader.find(pixels)[0].mesh
reading = Reading.of(mesh, reader.eyes(pixels, mesh))
reading.mouth_open < 0.1  # → True
