"""A result made again from what is written about it: inputs, preparation, points and settings."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from wan_notebook.client import Service
from wan_notebook.jobs.clip import Clip, described, open_clip
from wan_notebook.jobs.history import history
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.order import Order, OrderBuilder
from wan_notebook.jobs.run import begin
from wan_notebook.media.store import sha256_of
from wan_notebook.sweeps.grid import load
from wan_notebook.sweeps.sweep import sweep
from wan_notebook.widgets.display.clip import saved_clip
from wan_notebook.widgets.panel.history import job_card

from support.services import TimedService

CHOICES: dict[str, Any] = {
    "resolution": "720p",
    "shift": 3.5,
    "extra": {"seed": 7},
    "prepare_video": {"start": 0.2, "end": 0.8, "fps": 5.0, "sound": False, "aspect": 1.0, "focus": [0.5, 0.5]},
    "prepare_image": {"short_side": 64, "aspect": 1.2, "fit": "pad"},
    "points": [[20.0, 20.0], [40.0, 20.0], [30.0, 34.0]],
}
"""Of every kind that a recipe has."""
ORIENTATION, TURNED = 0x112, 6
"""The tag of a photograph that says how it is held, and a camera held upright."""


def ordered(service: Service, image: Any, video: Any, **settings: Any) -> Order:
    prepared = {name: settings.pop(name, None) for name in ("prepare_video", "prepare_image", "points")}
    return OrderBuilder(service, **prepared).order(image, video, **settings)


@pytest.fixture
def service() -> Iterator[Service]:
    """One that takes whatever it is sent."""
    with TimedService().running() as running:
        yield running


@pytest.fixture
def made(service: Service, character: Path, performance: Path) -> tuple[Order, Clip]:
    """A job of all choices, and its clip."""
    order = ordered(service, character, performance, **CHOICES)
    return order, begin(order).result(30)


def written_in_clip(clip: Clip) -> Mapping[str, Any]:
    assert clip.recipe is not None
    return clip.recipe.arguments


def written_in_settings(clip: Clip) -> Mapping[str, Any]:
    assert clip.character is not None
    return {"image": "hero.png", "video": "dance.mp4", **clip.settings}


def written_in_json(clip: Clip) -> Mapping[str, Any]:
    recipe = open_clip(clip.path).recipe
    assert recipe is not None
    assert recipe == clip.recipe
    return recipe.arguments


def written_in_metadata(clip: Clip) -> Mapping[str, Any]:
    """Of a copy elsewhere: names of files, and no folder of this machine."""
    with av.open(clip.save(clip.path.parent.parent)) as container:
        assert str(clip.path.parents[1]) not in container.metadata["description"]
    found = described(clip.path)
    assert found is not None
    assert found[0] == clip.job.id
    return found[1].arguments


def written_in_journal(_clip: Clip) -> Mapping[str, Any]:
    (entry,) = Journal().entries()
    assert entry.recipe is not None
    return entry.recipe.arguments


def written_in_csv(_clip: Clip) -> Mapping[str, Any]:
    with history().export_csv("jobs.csv").open(encoding="utf-8", newline="") as file:
        return named(next(csv.DictReader(file)))


def named(row: Mapping[str, str]) -> Mapping[str, Any]:
    """The arguments in a row of a CSV file."""
    assert row["picture_sha256"] == hashlib.sha256(Path("hero.png").read_bytes()).hexdigest()
    assert row["reference_sha256"] == hashlib.sha256(Path("dance.mp4").read_bytes()).hexdigest()
    prepared = {name: json.loads(row[name]) for name in ("prepare_image", "prepare_video", "points")}
    plain = {"resolution": row["resolution"], "shift": float(row["shift"]), "extra": CHOICES["extra"]}
    return {"image": row["picture"], "video": row["reference"], **plain, **prepared}


@pytest.mark.parametrize(
    "written",
    [
        written_in_clip,
        written_in_settings,
        written_in_json,
        written_in_metadata,
        written_in_journal,
        written_in_csv,
    ],
)
def test_job_made_again_from_records(
    made: tuple[Order, Clip],
    written: Callable[[Clip], Mapping[str, Any]],
    service: Service,
    character: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever was kept of a clip names its inputs, settings, preparation and points: the same job comes of it."""
    monkeypatch.chdir(character.parent)
    order, clip = made
    assert ordered(service, **written(clip)).fingerprint == order.fingerprint


def test_sweep_made_again_from_records(
    service: Service, character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is with the table, the record and the clips of a saved sweep, also of a tile that was never made."""
    monkeypatch.chdir(character.parent)
    plan = sweep(character, performance, service=service, **CHOICES | {"shift": [3.5, 4.0]})
    folder = plan.run().result(60).save("sweep")
    wanted = [job.order.fingerprint for job in plan.jobs]
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = [named(row) for row in csv.DictReader(file)]
    tiles = load(folder).tiles
    recipes = [tile.recipe for tile in tiles] + [tile.clip.recipe for tile in tiles if tile.clip]
    arguments = rows + [recipe.arguments for recipe in recipes if recipe is not None]
    assert [ordered(service, **one).fingerprint for one in arguments] == wanted * 3


def test_converted_inputs_are_told_as_chosen(
    service: Service, character: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a photograph that is turned, and of an animated picture, name and hash of what was chosen are written.

    They are sent as copies, upright and as an MP4, and the same job comes of the originals.
    """
    monkeypatch.chdir(tmp_path)
    photograph, animation = tmp_path / "photograph.jpg", tmp_path / "wave.webp"
    with Image.open(character) as picture:
        exif = picture.getexif()
        exif[ORIENTATION] = TURNED
        picture.convert("RGB").save(photograph, exif=exif)
        turned = [picture.rotate(angle) for angle in (0, 10, 20, 30)]
        turned[0].save(animation, save_all=True, append_images=turned[1:], duration=100)
    order = ordered(service, photograph, animation)
    clip = begin(order).result(30)
    (entry,) = Journal().entries()
    wanted = [(path.name, path.as_uri(), path.stat().st_size, sha256_of(path)) for path in (photograph, animation)]
    assert (clip.request and clip.request.image_url) not in {url for _, url, *_ in wanted}
    for recipe in (clip.recipe, open_clip(clip.path).recipe, entry.recipe):
        assert recipe is not None
        assert [(one.name, one.url, one.size, one.sha256) for one in (recipe.image, recipe.video)] == wanted
        assert ordered(service, **recipe.arguments).fingerprint == order.fingerprint
    row = next(csv.DictReader(history().export_csv("jobs.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["picture_sha256"], row["reference_sha256"]] == [digest for *_, digest in wanted]


def test_preparation_is_told_in_words(made: tuple[Order, Clip]) -> None:
    """A saved notebook, a player and a card name the files as they were chosen, and how they were prepared."""
    _, clip = made
    html, text = saved_clip(clip)
    words = (
        "with preparation (reference: 0.2 to 0.8 s, 5 fps, cropped, without sound; "
        "picture: 64p, padded; eyes and mouth placed by hand)"
    )
    assert words in html
    assert words in text
    assert clip.title == "hero.png · dance.mp4"
    (entry,) = Journal().entries()
    card = job_card(entry, None)
    assert "hero.png · dance.mp4" in card.title
    assert "with preparation" in card.facts


def test_paid_bytes_stay_as_they_came(service: Service, character: Path, performance: Path) -> None:
    """The recipe stands behind the pictures and sounds that a service sent, none of which is changed."""
    from support.media import clip as sent

    clip = begin(ordered(service, character, performance)).result(30)
    assert clip.path.read_bytes().startswith(sent())
    assert described(clip.path) is not None


def test_other_videos_tell_nothing(performance: Path) -> None:
    """A video that is none of ours has no recipe."""
    assert described(performance) is None
