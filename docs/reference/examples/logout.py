import wan_notebook as wan

wan.logout()
wan.Service.choose().name  # → "embedded"
