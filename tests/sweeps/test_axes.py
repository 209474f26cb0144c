"""From what a person writes to the cells of a sweep."""

import contextlib
import io
import itertools
import os
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wan_notebook.errors import InvalidRequest
from wan_notebook.model import family
from wan_notebook.sweeps import ranges
from wan_notebook.sweeps.axes import Cells, listed, product, zipped

STEPS, SHIFT = "num_inference_steps", "shift"


def tried(cells: Cells, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(cell.settings[name] for name in names) for cell in cells.cells]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3, 5, 7", [3, 5, 7]),
        ("7,5,3", [7, 5, 3]),
        ("10-30 (+10)", [10, 20, 30]),
        ("10-35 (+10)", [10, 20, 30]),
        ("30-10 (-10)", [30, 20, 10]),
        ("10–30 (+10)", [10, 20, 30]),
        ("1-5", [1, 2, 3, 4, 5]),
        ("3-1", [3, 2, 1]),
        ("1-10 [4]", [1, 4, 7, 10]),
        ("1-2[3]", [1, 1.5, 2]),
        ("1, 2, .., 5", [1, 2, 3, 4, 5]),
        ("2, 4, ..., 10", [2, 4, 6, 8, 10]),
        ("10, 8, …, 2", [10, 8, 6, 4, 2]),
        ("2, .., 5", [2, 3, 4, 5]),
        ("1, 2, .., 4, 9", [1, 2, 3, 4, 9]),
        ("9, 1, 2, .., 4", [9, 1, 2, 3, 4]),
        ("2, 5-15 (+5), 20", [2, 5, 10, 15, 20]),
        ("-2--1 (+0.5)", [-2, -1.5, -1]),
        (".5", [0.5]),
    ],
)
def test_a_text_stands_for_numbers(text: str, numbers: list[float]) -> None:
    """Lists, ranges with steps or counts, and series with dots are read as people mean them."""
    assert ranges.parse(text) == numbers


def test_decimals_are_exact() -> None:
    """A range of tenths or quarters holds the very numbers that a person would type."""
    assert ranges.parse("1-2 (+0.1)") == [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2]
    assert ranges.parse("1-2 (+0.25)") == [1, 1.25, 1.5, 1.75, 2]
    assert ranges.parse("0.1, 0.2, .., 0.5") == [0.1, 0.2, 0.3, 0.4, 0.5]


@given(st.decimals(0, 100, places=2), st.decimals("0.01", 5, places=2), st.integers(0, 200))
@settings(max_examples=50)
def test_fitting_range_includes_its_end(start: Decimal, step: Decimal, count: int) -> None:
    """Whatever the decimals, a range of whole steps has each of them and ends where it was told to."""
    end = start + step * count
    assert ranges.parse(f"{start}-{end} (+{step})") == [float(start + step * number) for number in range(count + 1)]


@given(st.text(alphabet="0123456789.,-+()[]… ", max_size=30))
@settings(max_examples=200)
def test_any_text_parses_or_raises(text: str) -> None:
    """No text makes the reader fail in another way, hang, or return too much."""
    with contextlib.suppress(ValueError):
        assert len(ranges.parse(text)) <= ranges.MAX_VALUES


def test_spread_integers_are_whole() -> None:
    """Four values spread over 10 to 30 steps are rounded, since there is no third of a step."""
    assert tried(product({STEPS: "10-30 [4]"}), STEPS) == [(10,), (17,), (23,), (30,)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("10-30 (+0)", "has a step of 0"),
        ("10-30 (-10)", "never gets from 10 to 30"),
        ("1, 3, .., 6", "never meet 6 in steps of 2"),
        ("1, 1, .., 6", "never meet 6 in steps of 0"),
        (".., 6", "between no two numbers"),
        ("1, ..", "between no two numbers"),
        ("1,, 2", "missing beside a comma"),
        ("1-10 [1]", "both ends make 2 at least"),
        ("ten", "'ten' cannot be read"),
        ("1-9999999999", "10,000 at most"),
        ("1, 2, .., 9999999999", "10,000 at most"),
        ("1-10 [999999999]", "10,000 at most"),
        ("9" * 5000, "cannot be read"),
    ],
)
def test_unreadable_text_is_refused(text: str, says: str) -> None:
    """A text that never arrives or makes too much is refused with its field, its reason and an example."""
    with pytest.raises(InvalidRequest) as refused:
        product({SHIFT: text})
    assert says in str(refused.value)
    assert str(refused.value).startswith("shift is ")
    assert "10-30 (+10)" in str(refused.value)


def test_a_product_is_every_combination() -> None:
    """Two axes make a cell of each pair, the last axis changing fastest."""
    cells = product({STEPS: "10-30 (+10)", SHIFT: [3, 7], "resolution": "480p"})
    assert [axis.name for axis in cells.axes] == [STEPS, SHIFT]
    assert tried(cells, STEPS, SHIFT) == [(10, 3), (10, 7), (20, 3), (20, 7), (30, 3), (30, 7)]
    assert [cell.position for cell in cells.cells] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert dict(cells.fixed) == {"resolution": "480p"}
    assert dict(cells.cells[3].coordinates) == {STEPS: 20, SHIFT: 7}
    assert cells.cells[3].settings["resolution"] == "480p"


def test_no_axis_is_one_cell() -> None:
    """Settings of which none varies make one cell."""
    cells = product({SHIFT: 4})
    assert (cells.axes, tried(cells, SHIFT)) == ((), [(4,)])
    assert len(zipped({SHIFT: "4"}).cells) == 1


def test_zipped_axes_pair_values() -> None:
    """Zipped axes make as many cells as each has values."""
    cells = zipped({STEPS: [10, 20, 30], SHIFT: "3, 5, 3"})
    assert tried(cells, STEPS, SHIFT) == [(10, 3), (20, 5), (30, 3)]
    assert [cell.position for cell in cells.cells] == [(0, 0), (1, 1), (2, 0)]


def test_zipped_axes_need_equal_lengths() -> None:
    """Axes of different lengths cannot be zipped, and the message has their lengths."""
    with pytest.raises(InvalidRequest, match="num_inference_steps has 3, shift has 2"):
        zipped({STEPS: "10-30 (+10)", SHIFT: [3, 7]})


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, iter], ids=lambda kind: kind.__name__)
def test_axis_is_any_iterable(kind: Any) -> None:
    """Lists, tuples, arrays, series and generators make the same axis, of plain numbers."""
    cells = product({STEPS: kind([10, 20])})
    assert tried(cells, STEPS) == [(10,), (20,)]
    assert {type(cell.settings[STEPS]) for cell in cells.cells} == {int}


def test_an_endless_axis_is_refused() -> None:
    """A generator that never ends does not hang the notebook."""
    with pytest.raises(InvalidRequest, match="num_inference_steps has more than 10,000 values"):
        product({STEPS: itertools.count(2)})


def test_words_may_stand_with_commas() -> None:
    """Choices and models may be written as words with commas."""
    cells = product({"resolution": "480p, 720p", "model": "move, replace"})
    assert tried(cells, "resolution", "model")[1] == ("480p", family.REPLACE.id)
    assert [axis.labels for axis in cells.axes] == [("480p", "720p"), ("move", "replace")]


def test_flag_varies_with_unset() -> None:
    """True, False and unset are three values of a flag."""
    cells = product({"enable_safety_checker": [True, False, None]})
    assert cells.axes[0].labels == ("on", "off", "unset")


def test_pictures_and_videos_are_axes(tmp_path: Path) -> None:
    """A list of pictures is an axis; one path with a comma, bytes or an array is one picture."""
    cells = product({"image_url": [tmp_path / "ada.png", "https://a.example/noor.png?sig=1"], "video_url": "a, b.mp4"})
    assert cells.axes[0].labels == ("ada.png", "noor.png")
    assert cells.axes[0].title == "Character"
    assert tried(cells, "video_url") == [("a, b.mp4",)] * 2
    assert len(product({"image_url": b"png", "video_url": np.zeros((4, 4, 3))}).cells) == 1


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


def test_equal_names_get_distinct_labels() -> None:
    """Two files of one name are told apart in the grid."""
    assert product({"image_url": ["a/hero.png", "b/hero.png"]}).axes[0].labels == ("hero.png", "hero.png (2)")


def test_undocumented_fields_may_vary() -> None:
    """Each mapping of extra fields is one value."""
    cells = product({"extra": [{"seed": 1}, {"seed": 2}, {"seed": 1}]})
    assert cells.axes[0].labels == ("seed=1", "seed=2")
    assert cells.notes == ("extra: seed=1 came 2 times and is kept once.",)


def test_table_rows_are_cells() -> None:
    """A DataFrame makes exactly its rows, and an empty place in it means the default."""
    table = pd.DataFrame({STEPS: [10, 20, 20], SHIFT: [3.0, None, 7.0], "resolution": "720p"})
    cells = listed(table, {"video_quality": "low"})
    assert tried(cells, STEPS, SHIFT) == [(10, 3), (20, 5), (20, 7)]
    assert [axis.name for axis in cells.axes] == [STEPS, SHIFT]
    assert dict(cells.fixed) == {"resolution": "720p", "video_quality": "low"}


def test_mappings_are_cells() -> None:
    """A list of mappings with different fields is filled up with defaults."""
    cells = listed([{SHIFT: 3}, {SHIFT: 7, "resolution": "720p"}])
    assert tried(cells, SHIFT, "resolution") == [(3, "480p"), (7, "720p")]
    assert [cell.position for cell in cells.cells] == [(0, 0), (1, 1)]


def test_duplicates_are_kept_once() -> None:
    """A value or row that comes again makes no second job, and the notes say so."""
    twice = product({STEPS: [10, 20, 10.0], SHIFT: [3, 7]})
    assert tried(twice, STEPS, SHIFT) == [(10, 3), (10, 7), (20, 3), (20, 7)]
    assert twice.notes == ("num_inference_steps: 10 came 2 times and is kept once.",)
    rows = listed([{SHIFT: 3}, {SHIFT: 7}, {SHIFT: 3.0}])
    assert tried(rows, SHIFT) == [(3,), (7,)]
    assert rows.notes == ("Rows 1, 3 are the same and kept once.",)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({STEPS: [10, 50]}, "num_inference_steps is 50, but must be a whole number from 2 to 40."),
        ({STEPS: "10, 10.5"}, "num_inference_steps is 10.5, but must be a whole number from 2 to 40."),
        ({STEPS: [10, [20]]}, r"num_inference_steps is \[20\], but must be"),
        ({SHIFT: [10**400]}, "but must be a number from 1 to 10."),
        ({SHIFT: np.ones((2, 2))}, "but must be a number from 1 to 10."),
        ({SHIFT: {"a": 1}}, "but must be a number from 1 to 10."),
        ({"resolution": "480p, 1080p"}, "resolution is '1080p', but must be 480p or 580p or 720p."),
        ({"model": ["move", "dance"]}, "model is 'dance', but must be move"),
        ({"image_url": ["a.png", None]}, "image_url is None, but must be a picture"),
        ({"extra": [1]}, "extra is 1, but must be a mapping"),
        ({"shfit": [1]}, "There is no setting shfit. Did you mean shift?"),
        ({STEPS: []}, "num_inference_steps is an axis without values"),
        ({STEPS: " "}, "num_inference_steps is an axis without values"),
        ({"image_url": []}, "image_url is an axis without values"),
        (
            {"image_url": [f"{n}.png" for n in range(400)], "video_url": [f"{n}.mp4" for n in range(400)]},
            "160,000 cells",
        ),
    ],
)
def test_wrong_axis_is_named(fields: dict[str, Any], says: str) -> None:
    """A field, axis or value that is not taken is refused before anything is sent, with what is."""
    with pytest.raises(InvalidRequest, match=says):
        product(fields)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{SHIFT: 3}, {SHIFT: 30}], "Row 2: shift is 30, but must be a number from 1 to 10."),
        ([{SHIFT: 3}, {"shfit": 3}], "Row 2: There is no setting shfit. Did you mean shift?"),
        ([{SHIFT: 3}, {5: 3}], "Row 2: There is no setting 5"),
        ([{"image_url": "a.png"}, {SHIFT: 3}], "Row 2: image_url is missing"),
        ([{SHIFT: 3}, 7], "Row 2 is 7, and not a mapping"),
        ([], "There are no rows"),
        (pd.DataFrame({SHIFT: []}), "There are no rows"),
        ({SHIFT: [3, 4]}, "a list of mappings or a pandas DataFrame"),
        (itertools.repeat({SHIFT: 3}), "more than 100,000 rows"),
        (pd.DataFrame([[1, 2]], columns=[SHIFT, SHIFT]), "The column shift stands in the table 2 times"),
    ],
    ids=range(10),
)
def test_wrong_row_is_numbered(rows: Any, says: str) -> None:
    """A row that cannot be used is refused with its number, its field and its value."""
    with pytest.raises(InvalidRequest, match=says):
        listed(rows)


def test_field_given_twice_is_refused() -> None:
    """A field cannot both vary in the rows and be the same for all."""
    with pytest.raises(InvalidRequest, match="shift stands both in the rows and beside them"):
        listed([{SHIFT: 3}], {SHIFT: 4})


def test_cells_cannot_be_changed() -> None:
    """The settings of a cell are read-only."""
    cell = product({SHIFT: [3, 4]}).cells[0]
    with pytest.raises(TypeError):
        cell.settings[SHIFT] = 5  # type: ignore[index]


def test_too_many_cells_are_refused() -> None:
    """Ten thousand by ten thousand cells are counted, not built."""
    names = [f"{number}.png" for number in range(10_000)]
    tracemalloc.start()
    with pytest.raises(InvalidRequest, match="100,000,000 cells"):
        product({"image_url": names, "video_url": names})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
