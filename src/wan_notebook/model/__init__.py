"""What may be asked of the model, and what comes back: frozen values, no I/O.

family.py   the model family as data: ids, settings, limits, price basis
job.py      Request out, Job back
protocol.py paths and status words of the wire
cost.py     what a request costs and why, and whether a budget allows it
"""
