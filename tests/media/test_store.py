"""Inputs that are kept in the data directory."""

from pathlib import Path

import pytest

from wan_notebook.media.store import safe_name


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("dance.mp4", "dance.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\clips\\a b.MOV", "a b.MOV"),
        (".hidden", "hidden"),
        ("..", "file"),
        ("a\x00\n<b>.mp4", "ab.mp4"),
        ("é" * 200 + ".mp4", "é" * 90 + ".mp4"),
        ("舞" * 100 + ".mp4", "舞" * 60 + ".mp4"),
    ],
)
def test_names_stay_in_the_folder(tmp_path: Path, given: str, safe: str) -> None:
    """Of a name that came from elsewhere only a plain last part is used, which every file system takes."""
    assert safe_name(given) == safe
    assert Path(safe_name(given)).name == safe
    (tmp_path / safe).touch()
