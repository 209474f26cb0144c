"""From what a person writes to the cells of a sweep."""

import contextlib
import itertools
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
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
    assert cells.axes[0].title == "Picture"
    assert tried(cells, "video_url") == [("a, b.mp4",)] * 2
    assert len(product({"image_url": b"png", "video_url": np.zeros((4, 4, 3))}).cells) == 1


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
        ([{"image_url": "a.png"}, {SHIFT: 3}], "Row 2: picture is missing"),
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
