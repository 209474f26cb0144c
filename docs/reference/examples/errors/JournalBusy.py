import wan_notebook as wan

try:
    jobs = wan.history()
except wan.errors.JournalBusy as error:
    print(error)  # close the other notebook, and run the cell again
