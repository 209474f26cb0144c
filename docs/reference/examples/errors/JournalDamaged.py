from wan_notebook.jobs.journal import Journal

import wan_notebook as wan

try:
    jobs = wan.history()
except wan.errors.JournalDamaged:
    Journal().set_aside()
    jobs = wan.history()  # with all that can still be read
