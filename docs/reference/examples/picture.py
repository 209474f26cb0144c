import wan_notebook as wan
from wan_notebook.media import picture

hero = picture(wan.samples.character())
hero.width, hero.height  # → (832, 1088)
