"""The API in miniature: the hosted service's two endpoints, in this process or on a port.

app.py          the Starlette app            endpoints.py   submit, fetch, and the finished clip
auth.py         who may ask                  account.py     balance, log, catalogue
json_stream.py  a large body, streamed       base64_file.py media inside it
validate.py     the fields of a submit       fetch.py       media behind an address
queue.py        the jobs, one after another  job.py         one job
workers.py      the worker's process         worker_main.py runs inside it, with render_job.py
serve.py        on a port, for others
"""
