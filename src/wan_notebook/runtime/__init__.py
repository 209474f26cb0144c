"""This process and this machine: its folders, its key, its one event loop, the pace of its updates.

data_dir.py           where clips, inputs and the journal are kept
file_lock.py          locks on files, which end with their process
digest.py             files by their content
keys.py               the key of the hosted service, out of sight
certificates.py       whom to trust on https
redaction.py          text that may leave this machine
event_loop.py         one private event loop in one daemon thread
daemon_threads.py     threads for what no event loop should do
task.py               work for another process or another machine
worker_pool.py        processes of this machine that do it
cluster/              workers of a Dask cluster that do it
subprocess_worker.py  one of them, this process's side
worker_main.py        one of them, its own side
temporary_folder.py   temporary folders, removed also of who was killed
machine.py            how much of this machine is ours
observers.py          callables that are told of each change
uptime.py             moments that no change of the clock moves
throttle.py           no more than a few updates a second
nested_asyncio.py     nested event loops, for those who call asyncio.run in a cell
"""
