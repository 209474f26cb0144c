from wan_notebook.faces.weights import get_models

import wan_notebook as wan

try:
    get_models(print)  # as `wan-notebook models` does
except wan.errors.ModelsMissing as error:
    print(error)  # previews are made all the same, with less expression
