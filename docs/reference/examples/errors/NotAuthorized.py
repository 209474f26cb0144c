import wan_notebook as wan

try:
    wan.login(ask=lambda question: "not a key")
except wan.errors.NotAuthorized as error:
    caught = error
print(caught)
