import wan_notebook as wan

try:
    wan.resume("of-another-account").result()
except (wan.errors.JobNotFound, wan.errors.InvalidRequest) as error:
    caught = error  # the service knows no such job; or there is nobody to ask but the journal
print(caught)
