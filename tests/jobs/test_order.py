"""What is asked for, before anything is sent."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import InvalidRequest, MediaError, OverBudget
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.order import Order, OrderBuilder
from wan_notebook.jobs.run import begin, submit
from wan_notebook.media.preparation import Preparation
from wan_notebook.model.family import MOVE
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.widgets.panel.studio import Studio

from support.services import PAID, Reply, ScriptedService, TimedService, on_a_port


def make_order(image: object, video: object, *, shift: float = 5.0, resolution: str = "480p", **how: Any) -> Order:
    """One order, made by a builder of its own."""
    return OrderBuilder(how.pop("service", None), **how).order(image, video, shift=shift, resolution=resolution)


def test_order_has_request_and_price(served: Service, character: Path, performance: Path) -> None:
    """Inputs and settings become a request; a free service asks nothing."""
    order = make_order(character, performance, service=served, resolution="720p")
    assert order.request.resolution == "720p"
    assert order.estimate.usd == 0


def test_same_inputs_same_fingerprint(served: Service, character: Path, performance: Path, tmp_path: Path) -> None:
    """A file counts by what is in it, not by its name; a setting counts."""
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(performance.read_bytes())
    first = make_order(character, performance, service=served)
    assert make_order(character, copy, service=served).fingerprint == first.fingerprint
    assert make_order(character, performance, service=served, shift=9).fingerprint != first.fingerprint


SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "whole numbers": ({"prepare_video": {"start": 0, "fps": 5}}, {"prepare_video": {"start": 0.0, "fps": 5.0}}),
    "nothing to prepare": (
        {},
        {
            "prepare_video": {"end": 100, "fps": 60, "short_side": 4096, "fit": "pad", "sound": False, "mp4": True},
            "prepare_image": Preparation(end=1, fps=16, short_side=480, aspect=4 / 3),
        },
    ),
    "a hair's breadth": ({}, {"prepare_video": {"start": 0.0001, "end": 0.9999, "fps": 9.9999}}),
    "a focus without a crop": (
        {"prepare_video": {"fps": 5}},
        {"prepare_video": {"fps": 5, "focus": [0.1, 0.9], "fit": "pad", "sound": False}},
    ),
    "defaults spelled out": ({}, {"model": "MOVE", "num_inference_steps": 20.0, "shift": 5, "resolution": "480P"}),
    "another kind of text": ({}, {"video_quality": np.str_("high"), "shift": np.float64(5), "extra": {}}),
    "a number in JSON": ({"extra": {"seed": 1, "box": [1]}}, {"extra": {"box": (1.0,), "seed": 1.0}}),
    "a setting as extra": ({"shift": 6}, {"extra": {"shift": 6.0}}),
}


@pytest.mark.parametrize("how", SAME)
def test_same_body_same_fingerprint(how: str, served: Service, character: Path, performance: Path) -> None:
    """Where the same is sent, no matter how that was said, it is the same job."""
    orders = []
    for way in SAME[how]:
        preparations = {name: value for name, value in way.items() if name.startswith("prepare")}
        settings = {name: value for name, value in way.items() if name not in preparations}
        orders.append(OrderBuilder(served, **preparations).order(character, performance, **settings))
    first, second = ((one.request.body() | {"video_url": one.video.sha256}, one.image.sha256) for one in orders)
    assert first == second
    assert orders[0].fingerprint == orders[1].fingerprint
    assert make_order(character, performance, service=served, shift=7).fingerprint != orders[0].fingerprint


def test_prepared_file_counts_as_sent(served: Service, character: Path, performance: Path) -> None:
    """A prepared file is the same job when it is chosen itself, and when it has to be made once more."""
    prepared = make_order(character, performance, service=served, prepare_video={"fps": 5})
    assert prepared.video.path is not None
    chosen = make_order(character, prepared.video.path, service=served)
    prepared.video.path.unlink()
    again = make_order(character, performance, service=served, prepare_video={"fps": 5})
    assert prepared.fingerprint == chosen.fingerprint == again.fingerprint


@pytest.mark.parametrize("what", ["video", "picture", "sticker", "pixels", "frames"])
def test_other_bytes_same_fingerprint(what: str, served: Service, character: Path, performance: Path) -> None:
    """A copy that was made here counts by what it was made of, whatever bytes the next version of an encoder writes."""
    pixels, sticker = PIL.Image.open(character).convert("RGB"), character.with_name("sticker.png")
    pixels.convert("RGBA").resize((64, 48)).rotate(9).save(sticker)
    image = {"sticker": sticker, "pixels": pixels}.get(what, character)
    video = media.video(np.zeros((4, 16, 16, 3), np.uint8), fps=4) if what == "frames" else performance
    sides = {"video": {"prepare_video": {"fps": 5}}, "picture": {"prepare_image": {"aspect": 0.5}}}.get(what, {})
    first = make_order(image, video, service=served, **sides)
    (made,) = subfolder("inputs").iterdir()
    content = made.read_bytes()
    made.write_bytes(content + b"\0" * 8)
    again = make_order(image, video if what != "frames" else made, service=served, **sides)
    assert (first.image.sha256, first.video.sha256) != (again.image.sha256, again.video.sha256)
    assert first.fingerprint == again.fingerprint
    other = {"prepare_video": {"fps": 4}, "prepare_image": {"aspect": 2}}
    assert make_order(image, video, service=served, **other).fingerprint != first.fingerprint


def test_panel_and_cell_buy_once(character: Path, performance: Path) -> None:
    """What a panel made is not bought again by the cell that says the same in its own words."""
    timed = TimedService()
    with timed.running() as service:
        studio = Studio(service=service, prepare_video=Preparation(fps=5, focus=(0.5, 0.5)))
        studio.choose_image(character)
        studio.choose_video(performance)
        clip = studio.generate().result(30)
        local = Service.at(service.base_url.replace("127.0.0.1", "LOCALHOST") + "/v2/")
        again = submit(str(character), performance.read_bytes(), service=local, prepare_video={"fps": 5.0}, shift=5)
        assert again.result(30).path == clip.path
    assert len(timed.submits) == 1


def test_prepared_reference_is_sent(served: Service, character: Path, performance: Path) -> None:
    """Half the rate is half the frames, the original stays, and the journal keeps how it was done."""
    before = performance.read_bytes()
    order = make_order(character, performance, service=served, prepare_video={"fps": 5})
    assert order.video.frames == 5
    assert order.estimate.frames == 5
    assert order.recipe.prepare_video == {"fps": 5}
    assert performance.read_bytes() == before
    begin(order).result(30)
    (entry,) = Journal().entries()
    assert entry.recipe == order.recipe


def test_empty_preparation_is_none(served: Service, character: Path, performance: Path) -> None:
    """The default preparation leaves the files as they are."""
    order = make_order(character, performance, service=served, prepare_video=Preparation())
    assert (order.prepared, order.video.path) == (None, performance)


def test_a_misspelt_preparation_is_refused(served: Service, character: Path, performance: Path) -> None:
    """The message names the word that was meant."""
    with pytest.raises(InvalidRequest, match="Did you mean short_side"):
        make_order(character, performance, service=served, prepare_video={"short_sid": 480})


def test_wrong_setting_prepares_nothing(served: Service, character: Path, performance: Path) -> None:
    """Nobody waits for a preparation that leads nowhere."""
    with pytest.raises(InvalidRequest, match="shift"):
        make_order(character, performance, service=served, prepare_video={"fps": 5}, shift=99)


def test_order_over_budget_is_refused(character: Path, performance: Path) -> None:
    """Nothing is sent, and nothing is written down."""
    with pytest.raises(OverBudget, match=r"\$0\.03.*\$0\.01"):
        submit(character, performance, service=PAID, budget=0.01)
    assert Journal().entries() == []


POINTS = ((10, 20), (30, 20), (20, 35))


def test_points_go_to_previews_only(served: Service, character: Path, performance: Path) -> None:
    """Eyes and mouth help the preview; the vendor's protocol has no field for them."""
    free = make_order(character, performance, service=served, points=POINTS)
    assert free.request.body()["points"] == [[10, 20], [30, 20], [20, 35]]
    assert "points" not in make_order(character, performance, service=PAID, points=POINTS).request.body()


@pytest.mark.parametrize(
    "how",
    [
        {"short_side": 80},
        {"aspect": 0.6, "focus": (0.5, 0.5)},
        {"aspect": 0.6, "focus": (0.4, 0.5), "short_side": 90},
        {"aspect": 2.5, "fit": "pad"},
        {"aspect": 0.5, "fit": "pad", "short_side": 100},
    ],
    ids=str,
)
def test_points_follow_the_preparation(served: Service, performance: Path, how: dict[str, Any]) -> None:
    """Each point lies on the same spot of the picture after it is scaled, cropped or padded."""
    spots = ((130, 60), (170, 70), (150, 120))
    drawn = np.zeros((200, 300, 3), np.uint8)
    for channel, (x, y) in enumerate(spots):
        drawn[y - 8 : y + 8, x - 8 : x + 8, channel] = 255
    order = make_order(drawn, performance, service=served, prepare_image=how, points=spots)
    assert order.image.path is not None
    sent = np.asarray(PIL.Image.open(order.image.path).convert("RGB")).astype(float)
    for channel, (x, y) in enumerate(order.request.body()["points"]):
        rows, columns = np.nonzero(sent[..., channel] > 128)
        assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx((x, y), abs=1)


def test_cropped_point_is_refused(served: Service, character: Path, performance: Path) -> None:
    """The message names the point and what helps; a service that takes no points does not mind."""
    how = {"aspect": 0.5, "focus": (0, 0.5)}
    with pytest.raises(InvalidRequest, match=r"The point 30, 20 lies where .* another focus"):
        make_order(character, performance, service=served, prepare_image=how, points=POINTS)
    make_order(character, performance, service=PAID, prepare_image=how, points=POINTS)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"service": "hosted"}, r"service is 'hosted', but must be wan_notebook.Service.hosted\(\)"),
        ({"prepare_video": 5}, r"prepare_video is 5, but must be one preparation, as dict\(end=5"),
        ({"prepare_image": "fps=16"}, "prepare_image is 'fps=16', but must be one"),
        ({"points": [1, 2, 3]}, r"points is \[1, 2, 3\], but must be \(x, y\) of the left eye"),
    ],
)
def test_value_of_wrong_type_refused(character: Path, performance: Path, wrong: dict[str, Any], said: str) -> None:
    """What is no service, no preparation or no points is named, with what is wanted, and nothing foreign is raised."""
    with pytest.raises(InvalidRequest, match=said):
        make_order(character, performance, **wrong)


def test_invalid_budget_is_always_refused(served: Service, character: Path, performance: Path) -> None:
    """A typing mistake in what may be spent is seen the first time, not on the day on which it matters."""
    submit(character, performance, service=served).result(30)
    with pytest.raises(InvalidRequest, match="budget is 'x', but must be an amount"):
        submit(character, performance, service=served, budget="x")  # type: ignore[arg-type]


def test_points_accepted_as_array(character: Path, performance: Path) -> None:
    """What a detector returns can be handed on as it is."""
    points = np.array([[100, 120], [160, 120], [130, 180]])
    order = make_order(character, performance, service=Service.embedded(), points=points)
    assert order.request.extra["points"] == points.tolist()


@pytest.mark.parametrize("named", ["image", "video"])
def test_page_is_never_paid_for(character: Path, performance: Path, named: str) -> None:
    """An address that leads to a page is told before a paid service is asked; nothing is sent."""
    app = ScriptedService(files=[Reply(200, b"<!doctype html><title>dance.mp4 - Share</title>")])
    with on_a_port(app) as url:
        paid = dataclasses.replace(PAID, base_url=url)
        remember_price(paid, MOVE.id, None)
        inputs = {"image": character, "video": performance, named: f"{url}/dance.mp4"}
        with pytest.raises(MediaError, match=r"dance\.mp4 is a web page"):
            submit(**inputs, service=paid)
    assert app.posts == []
    assert Journal().entries() == []


def test_damaged_reference_is_not_bought(character: Path, performance: Path, tmp_path: Path) -> None:
    """A frame at which a paid service may stop is told before anything is paid; what is prepared leaves it out."""
    content = bytearray(performance.read_bytes())
    with av.open(io.BytesIO(bytes(content))) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][2]
        at = content.index(bytes(packet))
    content[at : at + packet.size] = b"\xff" * packet.size
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(content)
    remember_price(PAID, MOVE.id, None)
    with pytest.raises(MediaError, match=r"damaged\.mp4 is damaged at .* prepare_video="):
        make_order(character, damaged, service=PAID)
    assert make_order(character, damaged, service=PAID, prepare_video={"fps": 5}).video.fps == 5
    assert make_order(character, performance, service=PAID).video.path == performance
