import wan_notebook as wan
from wan_notebook.model.cost import check_budget

hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
estimate = wan.estimate(hero, dance, service=wan.Service.hosted())
try:
    check_budget([estimate] * 20, budget=1.00)
except wan.errors.OverBudget as refused:
    print(refused)
