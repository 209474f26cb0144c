"""The requests that the model takes, and the jobs that come back: frozen values, no I/O.

family.py   the model family as data: ids, settings, limits, price basis
job.py      Request out, Job back
cost.py     the price of a request with its basis, and the check of a budget
"""
