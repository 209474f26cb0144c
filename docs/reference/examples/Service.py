import wan_notebook as wan

preview = wan.Service.embedded()  # in this process, free of charge
hosted = wan.Service.hosted()  # with the key that is found
own = wan.Service.at("http://127.0.0.1:8800", "token", paid=False)
[service.paid for service in (preview, hosted, own)]  # → [False, True, False]
