"""The look of each value as the last line of a cell: live where widgets are, and as plain HTML everywhere else.

One module for each value; the values import them inside their `_repr_mimebundle_` and nothing else of the widgets.
"""
