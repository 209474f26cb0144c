"""The site of the documentation: what `make docs` builds, from the pages in docs/ and from the package itself.

build.py      the whole of it, as a command
stage.py      the pages in one folder, each where the site has it
places.py     where a notebook can be run: the note below its title
stills.py     what the cells of the notebooks show
formulas.py   formulas as MathML
reference.py  the pages that are written from the package: names, settings, errors, commands
docstring.py  a docstring of the package as Markdown
pictures.py   the pictures that move, and the pages of the gallery that play, drawn by the package
llms.py       the whole text in two files for language models
links.py      a look at every link inside the site
"""
