import wan_notebook as wan

try:
    wan.estimate(wan.samples.character(), "dance.mp4")
except wan.errors.MediaError as error:
    caught = error
print(caught)  # there is no such file
