import time

import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
try:
    clip = wan.animate(hero, dance, num_inference_steps=8)
except wan.errors.TooBusy as busy:
    time.sleep(busy.retry_after or 10)
    clip = wan.animate(hero, dance, num_inference_steps=8)
