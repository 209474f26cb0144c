"""Pictures and videos that a sweep varies: from uploads, folders, patterns and lists."""

import io
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
import PIL.Image
import pytest

from wan_notebook.errors import InvalidRequest
from wan_notebook.sweeps.axes import listed, product

SHIFT = "shift"


UPLOADS = {
    "Colab": {"ada.png": b"PNG-1", "noor (1).png": b"PNG-2"},
    "ipywidgets 7": {"ada.png": {"content": b"PNG-1", "metadata": {}}, "noor (1).png": {"content": b"PNG-2"}},
    "ipywidgets 8": (
        {"name": "ada.png", "content": memoryview(b"PNG-1")},
        {"name": "noor (1).png", "content": b"PNG-2"},
    ),
    "a list of uploads": [{"ada.png": b"PNG-1"}, {"name": "noor (1).png", "content": memoryview(bytearray(b"PNG-2"))}],
    "an uploaded folder": {"faces/ada.png": b"PNG-1", "C:\\fakepath\\noor (1).png": b"PNG-2"},
}


@pytest.mark.parametrize("uploaded", UPLOADS.values(), ids=UPLOADS.keys())
def test_an_upload_is_an_axis(uploaded: Any) -> None:
    """Each uploaded file is a value, called by its name; its bytes stand in no label and in no repr."""
    cells = product({"image_url": uploaded})
    assert cells.axes[0].labels == ("ada.png", "noor (1).png")
    assert [cell.settings["image_url"].content for cell in cells.cells] == [b"PNG-1", b"PNG-2"]
    assert "PNG-" not in repr(cells)


def test_one_upload_is_no_axis() -> None:
    """A single uploaded file is the same for all cells, and a table may hold one in each row."""
    for one in ({"ada.png": b"PNG-1"}, {"name": "ada.png", "content": b"PNG-1"}):
        assert product({"image_url": one}).axes == ()
    rows = listed([{"image_url": {"ada.png": b"PNG-1"}}, {"image_url": {"noor.png": b"PNG-2"}}])
    assert rows.axes[0].labels == ("ada.png", "noor.png")


def test_an_empty_upload_is_named() -> None:
    """A dialog in which nothing was chosen makes no cell."""
    for nothing in ({}, (), ipywidgets.FileUpload(multiple=True)):
        with pytest.raises(InvalidRequest, match="image_url is an axis without values"):
            product({"image_url": nothing})


def test_messages_show_no_bytes() -> None:
    """What is of no use as a value or a row is named, and its contents are not printed."""
    with pytest.raises(InvalidRequest) as refused:
        listed([{SHIFT: 3}, b"PNG" * 1000])
    assert len(str(refused.value)) < 300
    for field in (SHIFT, "resolution", "model", "extra"):
        with pytest.raises(InvalidRequest) as refused:
            product({field: {"a.png": b"PNG" * 1000} if field != "extra" else [b"PNG" * 1000]})
        assert len(str(refused.value)) < 300
    assert product({"image_url": [b"PNG-1", memoryview(bytearray(b"PNG-2"))]}).axes[0].labels == ("bytes", "memoryview")
    assert product({"image_url": [{"a": b"PNG-1"}, {"b": 7}]}).axes[0].labels == ("a", "dict")


@pytest.fixture
def poses(tmp_path: Path) -> list[Path]:
    """Three files of a folder, made in another order than that of their names."""
    paths = [tmp_path / "poses" / name for name in ("c.png", "a.png", "b.png")]
    paths[0].parent.mkdir()
    for path in paths:
        path.touch()
    return sorted(paths)


FOLDERS = {
    "Path.glob": lambda folder: folder.glob("*.png"),
    "Path.iterdir": lambda folder: folder.iterdir(),
    "a generator of texts": lambda folder: (str(path) for path in folder.iterdir()),
    "a set": lambda folder: set(folder.iterdir()),
    "a pattern": lambda folder: f"{folder}/*.png",
    "a pattern as a Path": lambda folder: folder / "*.png",
    "a pattern in quotes": lambda folder: f'"{folder}/[abc].png"\n',
    "a pattern through folders": lambda folder: str(folder.parent / "**" / "?.png"),
    "a list of patterns": lambda folder: [f"{folder}/a*", f"{folder}/[bc].png"],
    "an array of texts": lambda folder: np.array(sorted(map(str, folder.iterdir()))),
    "a column of a table": lambda folder: pd.Series(sorted(folder.iterdir())),
    "keys of a dict": lambda folder: dict.fromkeys(sorted(folder.iterdir())).keys(),
}


@pytest.mark.parametrize("form", FOLDERS.values(), ids=FOLDERS.keys())
def test_files_found_are_an_axis(form: Any, poses: list[Path]) -> None:
    """Whatever finds files makes an axis of them, in the order of their names."""
    cells = product({"image_url": form(poses[0].parent)})
    assert [Path(cell.settings["image_url"]) for cell in cells.cells] == poses
    assert cells.axes[0].labels == ("a.png", "b.png", "c.png")


def test_a_list_keeps_its_order(poses: list[Path]) -> None:
    """Files that a person lists stay as they are listed."""
    for chosen in (poses[::-1], tuple(poses[::-1])):
        assert [cell.settings["image_url"] for cell in product({"image_url": chosen}).cells] == poses[::-1]


def test_a_name_is_no_pattern(tmp_path: Path) -> None:
    """A file whose very name has brackets or stars is that file; an address and an unmatched pattern stay a text."""
    (tmp_path / "hero [1].png").touch()
    (tmp_path / "hero 1.png").touch()
    for one in (
        str(tmp_path / "hero [1].png"),
        "https://a.example/*.png?x=[1]",
        "data:image/png;base64,*",
        "none*.png",
    ):
        assert [cell.settings["image_url"] for cell in product({"image_url": one}).cells] == [one]


def test_endless_pictures_are_refused() -> None:
    """A generator of paths that never ends does not hang the notebook, and one that fails is told in words."""

    def failing() -> Iterator[str]:
        yield "a.png"
        raise PermissionError(13, "Permission denied")

    with pytest.raises(InvalidRequest, match="image_url has more than 10,000 values"):
        product({"image_url": itertools.repeat("a.png")})
    with pytest.raises(InvalidRequest, match=r"The files of image_url cannot be listed \(Permission denied\)"):
        product({"image_url": failing()})


def test_one_picture_is_no_axis() -> None:
    """What can be walked through and is one picture stays one."""
    for one in (
        b"png",
        bytearray(b"png"),
        io.BytesIO(b"png"),
        np.zeros((4, 4, 3), np.uint8),
        PIL.Image.new("L", (4, 4)),
    ):
        assert product({"image_url": one}).axes == ()


def test_labels_can_be_shown(tmp_path: Path) -> None:
    """A name that is no UTF-8, or holds quotes and line ends around it, is shown as far as it can be."""
    odd = tmp_path / os.fsdecode(b"h\xe9ro.png")
    labels = (
        product({"image_url": [odd, str(odd) + "2", ' "x/ada.png"\n', "C:\\x\\noor.png", np.str_("x/b.png")]})
        .axes[0]
        .labels
    )
    assert labels == ("h\ufffdro.png", "h\ufffdro.png2", "ada.png", "noor.png", "b.png")
