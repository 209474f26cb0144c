"""The service of the free preview: the hosted one's protocol in miniature, in this process or on a port.

serve.py        on a port, for others        app.py         the Starlette app
auth.py         host names and the token     errors.py      error responses
endpoints.py    submit, fetch, cancel, clip  account.py     balance, log, catalogue, metrics
json_stream.py  a large body, streamed       fetch.py       media behind an address
validate.py     the fields of a submit       render_job.py  the work of one job
queue.py        the jobs, and who renders them  job.py         one job
files.py        their files, within a quota   connections.py  of the port, bounded
"""
