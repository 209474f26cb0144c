"""What many tests of the preview's engine begin with."""

import pytest

from wan_notebook.faces.find import face_reader
from wan_notebook.preview.engine.character import Character, find_character, open_picture

from support.media import Drawn


@pytest.fixture(scope="module")
def character(drawn: Drawn) -> Character:
    """A drawn character that looks ahead."""
    return find_character(open_picture(drawn.ada), "480p", face_reader())
