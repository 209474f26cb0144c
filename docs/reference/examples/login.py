import wan_notebook as wan

try:
    wan.login(ask=lambda question: "not a key")  # without `ask`, a hidden field asks
except wan.errors.NotAuthorized as refused:
    print(refused)
