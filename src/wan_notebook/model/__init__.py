"""Requests and jobs as frozen values, and the model family as data; no I/O.

family.py      the model family as data: ids, settings, limits, price basis
record.py      frozen values as JSON, and their checks when they are read
job.py         Request out, Job back
protocol.py    paths and status words of the wire
cost.py        the price of a request with its basis, and the check of a budget
formatting.py  dollars, sizes, durations and settings as text
notice_texts.py
               what is noticed about the inputs, by the checks and by the preview
"""
