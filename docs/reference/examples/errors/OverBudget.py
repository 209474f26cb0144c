import wan_notebook as wan

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
hosted = wan.Service.hosted("a-key-of-sixteen-letters")
try:
    wan.submit(hero, dance, service=hosted, checks=False, budget=0.01)
except wan.errors.OverBudget as error:
    caught = error
print(caught)  # the price, and what would make it cheaper
