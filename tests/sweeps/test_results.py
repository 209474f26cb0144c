"""What came out of a sweep: tables, the best tile, plots, and a folder that holds it all."""

import csv
import dataclasses
import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from PIL import Image

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest, StorageError, WanError
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.jobs.recipe import Input
from wan_notebook.sweeps import Grid, load
from wan_notebook.sweeps.axes import Axis, Cell, listed
from wan_notebook.sweeps.metrics import DEFINITIONS, Metrics
from wan_notebook.sweeps.tile import Tile
from wan_notebook.video.probe import probe

from support import engines, media

mpl.use("Agg")


@pytest.fixture(scope="module")
def grid(served: Service, tmp_path_factory: pytest.TempPathFactory) -> Grid:
    """A sweep of two axes, all of whose jobs but those of one value become clips."""
    folder = tmp_path_factory.mktemp("grid")
    (folder / "hero.png").write_bytes(media.picture())
    media.reference(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAN_NOTEBOOK_HOME", str(folder / "home"))
        steps = [4, 6, engines.REFUSE]
        plan = wan.sweep(
            folder / "hero.png", folder / "small.mp4", service=served, num_inference_steps=steps, shift=[3, 7]
        )
        return plan.run().result(60)


def with_fidelity(grid: Grid, *values: float | None) -> Grid:
    """The same grid with other numbers for motion fidelity."""

    def changed(metrics: Metrics | None, value: float | None) -> Metrics | None:
        return metrics and dataclasses.replace(metrics, motion_fidelity=value)

    tiles = [
        dataclasses.replace(tile, metrics=changed(tile.metrics, value))
        for tile, value in zip(grid.tiles, values, strict=True)
    ]
    return Grid(grid.axes, tiles)


def test_table_lists_every_cell(grid: Grid) -> None:
    """Coordinates, phase, settings, numbers, clip and error stand side by side, also of cells that failed."""
    table = grid.table
    assert list(table.index) == list(range(6))
    assert list(table.num_inference_steps) == [4, 4, 6, 6, engines.REFUSE, engines.REFUSE]
    assert list(table.phase) == ["Done"] * 4 + ["Failed"] * 2
    assert {*DEFINITIONS, "resolution", "model", "clip", "error"} <= set(table.columns)
    assert table["clip"][0] == str(grid.tiles[0].clip.path)
    assert "shows nobody" in table["error"][4]
    assert table["frames"][0] == 10


def test_grid_is_a_sequence(grid: Grid) -> None:
    """Its tiles are there by number, in a loop, and counted; each has its settings, with or without a clip."""
    assert len(grid) == 6
    assert (grid[3], grid[-1], grid[:2]) == (grid.tiles[3], grid.tiles[5], grid.tiles[:2])
    assert list(grid) == list(grid.tiles)
    assert grid[3].settings == grid[3].clip.settings
    assert grid[5].clip is None
    assert grid[5].settings == {**grid[3].settings, "num_inference_steps": engines.REFUSE}
    for wrong in (6, -7, "3"):
        with pytest.raises(InvalidRequest, match="numbered from 0 to 5"):
            grid[wrong]


def test_tiles_are_shown_shortly(grid: Grid) -> None:
    """A tile as a cell's last line is called by its values and its state, and its numbers have no curves among them."""
    assert repr(grid[:1]) == "(Tile(0, num_inference_steps=4, shift=3, done),)"
    assert repr(grid[5]) == f"Tile(5, num_inference_steps={engines.REFUSE}, shift=7, failed)"
    shown = repr(replace(grid[0].metrics, drift=(0.5,) * 300, curves=(("mouth", (0.5,) * 300, (0.5,) * 300),)))
    assert shown.startswith("Metrics(wall_seconds=")
    assert len(shown) < 1000


def test_table_names_both_inputs(grid: Grid, tmp_path: Path) -> None:
    """Picture and reference are columns of every table, also where neither varies, and cells may be given by them."""
    inputs = {"picture": "hero.png", "reference": "small.mp4"}
    written = (grid.save(tmp_path / "sweep") / "results.csv").read_text(encoding="utf-8")
    for rows in (grid.rows, grid.table.to_dict("records"), list(csv.DictReader(written.splitlines()))):
        assert [{name: row[name] for name in inputs} for row in rows] == [inputs] * 6
        assert not {"image", "video", "image_url", "video_url"} & set(rows[0])
    rows = [{"picture": "a.png", "shift": 3}, {"picture": "b.png", "shift": 3}]
    assert [cell.settings["image_url"] for cell in listed(rows, {"video_url": "a.mp4"}).cells] == ["a.png", "b.png"]
    with pytest.raises(InvalidRequest, match="picture and image_url are the same"):
        listed([{"picture": "a.png", "image_url": "b.png"}])


def test_every_clip_is_measured(grid: Grid) -> None:
    """Each finished tile has its metrics once the grid is done."""
    assert [tile.metrics is not None for tile in grid.tiles] == [True] * 4 + [False] * 2


def test_unmeasurable_clip_says_why(grid: Grid) -> None:
    """It has no numbers, its row says why, and so does the question for the best."""
    tile = dataclasses.replace(grid.tiles[0], metrics=None, measure_error="The clip could not be measured: no cv2.")
    reported = Grid(grid.axes, [tile])
    assert reported.rows[0]["error"] == tile.measure_error
    with pytest.raises(InvalidRequest, match="no cv2"):
        reported.best("motion_fidelity")


def test_table_names_files(served: Service, character: Path, performance: Path) -> None:
    """An axis of pictures has their names, not their whole paths."""
    other = character.with_name("other.png")
    Image.new("RGB", (64, 48), (20, 40, 200)).save(other)
    grid = wan.sweep([character, other], performance, service=served).run().result(60)
    assert [row["picture"] for row in grid.rows] == ["hero.png", "other.png"]


def test_any_name_can_be_exported(served: Service, character: Path, performance: Path, tmp_path: Path) -> None:
    """A name that is no UTF-8, and an uploaded file, go through a sweep into its table, folder and page."""
    odd = character.rename(character.with_name(os.fsdecode(b"h\xe9ro.png")))
    noor = tmp_path / "noor.png"
    Image.new("RGB", (64, 48), (20, 40, 200)).save(noor)
    upload = {"noor.png": noor.read_bytes()}
    grid = wan.sweep([odd, upload], {"dance.mp4": performance.read_bytes()}, service=served).run().result(60)
    assert [tile.progress.phase for tile in grid.tiles] == [RunPhase.DONE] * 2
    assert [row["picture"] for row in grid.rows] == ["h\ufffdro.png", "noor.png"]
    folder = grid.save(tmp_path / "sweep")
    assert "h\ufffdro.png" in (folder / "results.csv").read_text(encoding="utf-8")
    assert [axis.labels for axis in load(folder).axes] == [axis.labels for axis in grid.axes]
    grid.export_html(tmp_path / "page.html")
    assert "h\ufffdro.png" in json.dumps(grid.widget.tiles.state, ensure_ascii=False).encode().decode()
    assert [entry.image.name for entry in wan.history().entries] == ["noor.png", "h\ufffdro.png"]


def test_best_tile_follows_the_direction(grid: Grid) -> None:
    """More motion fidelity is better, less time is; what has no number does not count."""
    measured = with_fidelity(grid, 0.2, 0.9, None, 0.4, None, None)
    assert measured.best("motion_fidelity").number == 1
    quickest = min(grid.tiles[:4], key=lambda tile: tile.metrics.wall_seconds)
    assert grid.best("wall_seconds") == quickest


def test_best_needs_direction_and_number(grid: Grid) -> None:
    """The message says which numbers there are, or that none has come yet."""
    with pytest.raises(InvalidRequest, match="motion_fidelity"):
        grid.best("frames")
    with pytest.raises(InvalidRequest, match="yet"):
        with_fidelity(grid, *[None] * 6).best("motion_fidelity")


def test_plot_has_one_line_each(grid: Grid) -> None:
    """Over the steps there is one line for each shift, and both axes have names and units."""
    ax = grid.plot("num_inference_steps", "sharpness")
    assert [line.get_label() for line in ax.lines] == ["Shift 3", "Shift 7"]
    assert list(ax.lines[0].get_xdata()) == [4, 6]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Steps", "Sharpness (grey levels²)")


def widest(count: int) -> Grid:
    """A loaded sweep of as many shifts, each of three steps, with numbers that hardly differ."""
    axes = (Axis("num_inference_steps", (4, 6, 8)), Axis("shift", tuple(float(one) for one in range(1, count + 1))))
    metrics = Metrics(**dict.fromkeys(DEFINITIONS, 30.0), drift=(), window_borders=())
    cells = [Cell(axes, (at % 3, at // 3), {}) for at in range(3 * count)]
    done = Progress(phase=RunPhase.DONE)
    varied = [dataclasses.replace(metrics, sharpness=30 + 0.01 * at) for at in range(3 * count)]
    return Grid(axes, [Tile(at, cell, done, varied[at]) for at, cell in enumerate(cells)])


@pytest.mark.parametrize("count", [2, 25])
@pytest.mark.parametrize("own", [True, False])
def test_plot_is_honest(count: int, own: bool) -> None:
    """What was measured begins at zero, each line has its own colour, and the legend is whole and covers nothing."""
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(14, 9))
    ax = widest(count).plot("num_inference_steps", "sharpness", None if own else left)
    ax.figure.canvas.draw()
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 30 + 0.03 * count
    assert len({mpl.colors.to_hex(line.get_color()) for line in ax.lines}) == count
    legend = ax.get_legend().get_window_extent()
    assert not any(legend.overlaps(other.get_tightbbox()) for other in ax.figure.axes if other is not ax)
    assert not legend.overlaps(ax.get_window_extent())
    assert legend.x1 <= ax.figure.bbox.x1
    pyplot.close("all")
    assert figure is not ax.figure or right in figure.axes


def test_plot_shows_below_zero(grid: Grid) -> None:
    """A number below zero is seen, and zero as well; many calls draw into the same axes."""
    ax = with_fidelity(grid, -0.4, -0.2, -0.3, None, None, None).plot("shift", "motion_fidelity")
    assert with_fidelity(grid, 0.1, 0.9, 0.4, None, None, None).plot("shift", "motion_fidelity", ax) is ax
    assert ax.get_ylim()[0] < -0.4
    assert ax.get_ylim()[1] > 0.9
    assert len({line.get_color() for line in ax.lines}) == len(ax.lines)
    pyplot.close("all")


def test_plot_of_unknown_column_refused(grid: Grid) -> None:
    """The message has the columns there are."""
    with pytest.raises(InvalidRequest, match="There is no column blur; there are number"):
        grid.plot("shift", "blur")
    with pytest.raises(InvalidRequest, match="No tile has both"):
        with_fidelity(grid, *[None] * 6).plot("shift", "motion_fidelity")


@pytest.mark.parametrize(("library", "use"), [("pandas", "table"), ("matplotlib", "plot")])
def test_missing_library_is_named(grid: Grid, library: str, use: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pandas or matplotlib the message says how to get it, and what works without."""
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(WanError, match=rf"pip install {library}.*grid\.rows"):
        grid.table if use == "table" else grid.plot("shift", "frames")


def test_saved_sweep_is_loaded(grid: Grid, tmp_path: Path) -> None:
    """From the folder alone, also when it was moved, come the same axes, phases, numbers and playable clips."""
    grid.save(tmp_path / "sweep")
    moved = shutil.move(tmp_path / "sweep", tmp_path / "elsewhere")
    loaded = load(moved)
    assert [axis.labels for axis in loaded.axes] == [axis.labels for axis in grid.axes]
    assert [tile.metrics for tile in loaded.tiles] == [tile.metrics for tile in grid.tiles]
    assert [tile.progress.phase for tile in loaded.tiles] == [tile.progress.phase for tile in grid.tiles]
    relative = [{**row, "clip": bool(row["clip"])} for row in loaded.rows]
    assert relative == [{**row, "clip": bool(row["clip"])} for row in grid.rows]
    assert probe(loaded.tiles[3].clip.path).frames == 10
    assert loaded.tiles[3].clip.path.is_relative_to(moved)
    assert loaded.done
    assert loaded.result() is loaded


def test_folder_holds_the_whole_sweep(grid: Grid, tmp_path: Path) -> None:
    """Each clip has its first frame beside it, and results.csv has a row a cell."""
    folder = grid.save(tmp_path / "sweep")
    assert sorted(path.name for path in (folder / "clips").glob("*.mp4")) == [f"00{n}.mp4" for n in range(4)]
    assert Image.open(folder / "posters" / "000.jpg").size == (64, 48)
    with (folder / "results.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["clip"] for row in rows] == [*(f"clips/00{n}.mp4" for n in range(4)), "", ""]


def test_saved_sweep_tells_no_secret(grid: Grid, tmp_path: Path) -> None:
    """A folder or a page that is sent to others holds no local folder, no password and no signature."""
    url = "https://me:secret@files.example/{}?X-Amz-Signature=secret"
    done, failed = grid.tiles[0], grid.tiles[4]
    assert done.clip is not None
    assert done.clip.request is not None
    request = replace(done.clip.request, image_url="file:///home/secret/hero.png", video_url=url.format("dance.mp4"))
    job = replace(done.clip.job, video=url.format("clip.mp4"))
    picture, reference = Input(url=request.image_url, name="hero.png"), Input(url=request.video_url, name="dance.mp4")
    assert done.recipe is not None
    recipe = replace(done.recipe, image=picture, video=reference)
    clip = dataclasses.replace(done.clip, request=request, job=job, recipe=recipe)
    done = dataclasses.replace(done, progress=dataclasses.replace(done.progress, clip=clip, job=job), recipe=recipe)
    message = f"/home/my secret/dance.mp4 has changed; see {url.format('x')}."
    failed = dataclasses.replace(failed, progress=dataclasses.replace(failed.progress, message=message))
    told = Grid(grid.axes, [done, *grid.tiles[1:4], failed, *grid.tiles[5:]])
    folder = told.save(tmp_path / "sweep")
    told.export_html(folder / "page.html")
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.suffix in (".json", ".csv", ".html")
    }
    assert len(texts) == 7
    for path, text in texts.items():
        assert "secret" not in text.lower(), path
        assert str(grid.tiles[1].clip.path.parent) not in text, path  # type: ignore[union-attr]
    assert "dance.mp4 has changed; see https://files.example/x?…" in texts[folder / "results.csv"]
    loaded = load(folder)
    assert loaded.tiles[0].clip is not None
    assert loaded.tiles[0].clip.title == "hero.png · dance.mp4"


def test_loaded_sweep_cannot_run(grid: Grid, tmp_path: Path) -> None:
    """What is missing in a folder is made by planning the sweep again; the message says so."""
    loaded = load(grid.save(tmp_path / "sweep"))
    for command in (loaded.resume, lambda: loaded.retry(5)):
        with pytest.raises(InvalidRequest, match=r"wan\.sweep"):
            command()


def test_running_sweep_can_be_saved(grid: Grid, tmp_path: Path) -> None:
    """What was still going on is stopped when it is loaded."""
    tiles = list(grid.tiles)
    tiles[0] = dataclasses.replace(
        tiles[0], progress=dataclasses.replace(tiles[0].progress, phase=RunPhase.GENERATING, clip=None), metrics=None
    )
    loaded = load(Grid(grid.axes, tiles).save(tmp_path / "sweep"))
    assert loaded.tiles[0].progress.phase is RunPhase.STOPPED


def test_folder_without_sweep_is_named(grid: Grid, tmp_path: Path) -> None:
    """A missing, broken or newer folder, and one that cannot be written, end with a plain message."""
    with pytest.raises(StorageError, match="no saved sweep"):
        load(tmp_path)
    folder = grid.save(tmp_path / "sweep")
    (folder / "sweep.json").write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(StorageError, match="newer"):
        load(folder)
    for broken in ("{", json.dumps({"format": 1, "axes": [], "tiles": [{}]})):
        (folder / "sweep.json").write_text(broken, encoding="utf-8")
        with pytest.raises(StorageError, match="cannot be read"):
            load(folder)
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        grid.save(tmp_path / "file")
