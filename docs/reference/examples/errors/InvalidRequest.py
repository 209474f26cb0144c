import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
try:
    wan.estimate(hero, dance, shift=20)
except wan.errors.InvalidRequest as error:
    caught = error
print(caught)  # what is allowed
