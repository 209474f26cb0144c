import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
clip = wan.animate(hero, dance, num_inference_steps=8)
try:
    clip.save(dance / "hello.mp4")  # a file is no folder
except wan.errors.StorageError as error:
    caught = error
print(caught)
