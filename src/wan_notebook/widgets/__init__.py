"""Everything on screen: a folder for each widget, the panel made of them, and how values look as a cell's last line.

A widget holds no state of a session. It draws the state that it is given and hands a person's actions to callbacks;
two views of one widget, in one page or in two, therefore show the same.
"""
