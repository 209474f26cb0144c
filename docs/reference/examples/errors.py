import wan_notebook as wan

try:
    wan.animate("hero.png", "dance.mp4", shift=20)
except wan.errors.WanError as error:
    print(error)  # the cause, and the next step
    error.remedy  # what helps with all errors of its class
