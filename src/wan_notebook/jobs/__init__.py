"""The life of one job: ordered, recorded, submitted once, polled, saved, and remembered.

order.py     what is asked, of whom, at which price     runner.py    from an order to a saved clip
polling.py   the one loop that asks after a job         durations.py how long jobs take
run.py       the handle on a job under way              animate.py   one call that waits
progress.py  a run at one instant                       clip.py      a finished clip
history.py   the journal as a table                     journal/     every job that was ever asked for
recipe.py    what a job was made of                     estimate.py  what a job would cost
finish.py    full rate, steady colours, other sound     kept_films.py  films, and the jobs of their shots
poll_schedule.py  when it asks                         duration_estimator.py  what jobs tell of those like them
preflight.py what is noticed about its inputs, before it is paid
progress_bar.py  how far work on this machine is, which is no job
fetch_clip.py  a clip that comes, with how it was made in it and beside it
credentials.py  who signs a copy of a clip
lost_submits.py  what became of a submit whose answer was lost
tolerant_journal.py  what cannot be written down, told while a paid job goes on
unfinished.py  what nobody waited for, told as Python ends
"""
