"""The panel: a studio drawn, and handed what a person does. Messages are those which the browser sends."""

import contextlib
import dataclasses
import io
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.client import Service
from wan_notebook.client.parsing import parse_job
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import AskedBefore, NotAuthorized
from wan_notebook.jobs.estimate import estimate
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.media import samples
from wan_notebook.media.checks import faces
from wan_notebook.media.preparation import Preparation
from wan_notebook.model import family
from wan_notebook.model.job import Request
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.widgets.panel.generate import as_code
from wan_notebook.widgets.panel.inputs import InputBinding
from wan_notebook.widgets.panel.panel import Panel
from wan_notebook.widgets.panel.studio import Studio

from support import engines
from support.media import clip, filmed
from support.services import MODEL, PAID, Received, Reply, ScriptedService, TimedService, on_a_port, refusal
from support.widgets import send_from_browser, wait_until


@pytest.fixture
def panel(served: Service) -> Panel:
    """A panel on a service of its own."""
    return Panel(Studio(service=served))


def click(widget: Any, type_: str, **message: Any) -> None:
    """Send what the browser sends."""
    send_from_browser(widget, {"type": type_, **message})


def choose(panel: Panel, character: Path, performance: Path) -> None:
    click(panel.image_picker, "text", text=str(character))
    click(panel.video_picker, "text", text=str(performance))
    wait_until(panel.generate_bar, lambda state: state["ready"])


def test_three_clicks_make_a_clip(panel: Panel, character: Path, performance: Path) -> None:
    """Two choices and the button end in a clip in the player."""
    choose(panel, character, performance)
    click(panel.generate_bar, "generate")
    wait_until(panel.player, lambda state: state["result"] is not None)
    assert wait_until(panel.status_bar, lambda state: state["phase"] == "Done")["tone"] == "good"


def test_first_message_says_all(served: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A panel is told to the browser in one message: no other one follows before somebody does something."""
    sent: list[object] = []
    monkeypatch.setattr(Panel, "send_state", lambda panel, key: panel.comm and sent.append(key))
    panel = Panel(service=served, shift=4)
    assert (sent, panel.settings_form_state["values"]["shift"]) == ([], 4)


def test_two_clicks_begin_one_job(served_alone: Service, character: Path, performance: Path) -> None:
    """A second click while a job is under way changes nothing."""
    panel = Panel(Studio(service=served_alone, num_inference_steps=engines.HANG))
    choose(panel, character, performance)
    click(panel.generate_bar, "generate")
    click(panel.generate_bar, "generate")
    wait_until(panel.status_bar, lambda state: bool(state.get("job_id")))
    assert len(Journal().entries()) == 1
    panel.studio.cancel()


def test_the_button_waits_for_both(panel: Panel, character: Path) -> None:
    """Until a picture and a video are chosen there is nothing to generate, and the panel says so."""
    click(panel.image_picker, "text", text=str(character))
    assert wait_until(panel.image_picker, lambda state: state["file"])["trouble"] == ""
    assert not panel.generate_bar.state["ready"]
    assert panel.generate_bar.state["price"].startswith("Choose")


def test_chosen_page_is_told() -> None:
    """An address that leads to a page is told where it is chosen, when the service is one that takes money."""
    with on_a_port(ScriptedService(files=[Reply(200, b"<html><title>Share</title>")])) as url:
        panel = Panel(Studio(service=dataclasses.replace(PAID, base_url=url)))
        click(panel.video_picker, "text", text=f"{url}/dance.mp4")
        shown = wait_until(panel.video_picker, lambda state: bool(state["trouble"]))
    assert "dance.mp4 is a web page" in shown["trouble"]
    assert panel.studio.video is None


def test_the_picker_shows_its_error(panel: Panel) -> None:
    """The picker says what is wrong, and nothing is chosen."""
    click(panel.image_picker, "text", text="missing.png")
    state = wait_until(panel.image_picker, lambda state: state["trouble"])
    assert "missing.png" in state["trouble"]
    assert panel.studio.image is None


def test_a_wrong_file_is_explained(panel: Panel, tmp_path: Path) -> None:
    """Who clicked reads what the file is and what to choose, and nothing of what code may hand over."""
    notes = tmp_path / "notes.mp4"
    notes.write_text("no video at all " * 50)
    click(panel.video_picker, "text", text=str(notes))
    trouble = wait_until(panel.video_picker, lambda state: state["trouble"])["trouble"]
    assert trouble.startswith("notes.mp4 is a text file, and a video (MP4, MOV, WebM or AVI) is wanted. Choose")
    assert "array" not in trouble


def test_one_click_chooses_the_samples(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has nothing at hand gets both samples with one click, which is no longer offered then."""
    # All 75 frames of the real one take seconds to draw, and tests of the samples do that.
    monkeypatch.setattr(samples.reference, "__defaults__", ("hello", 0.2, 25))
    assert panel.generate_bar.state["empty"]
    click(panel.generate_bar, "samples")
    assert not wait_until(panel.generate_bar, lambda state: state["ready"])["empty"]


def test_the_last_choice_wins(panel: Panel, character: Path) -> None:
    """What was chosen last is what counts, whatever is read first."""
    slow, go_on = threading.Event(), threading.Event()

    def source() -> str:
        slow.set()
        go_on.wait(10)
        return "missing.png"

    InputBinding("image", panel.studio).choose(source)
    assert slow.wait(10)
    click(panel.image_picker, "text", text=str(character))
    state = wait_until(panel.image_picker, lambda state: state["file"])
    go_on.set()
    assert (state["file"]["name"], panel.image_picker.state["trouble"]) == ("hero.png", "")


def test_an_outdated_clip_is_marked(panel: Panel, character: Path, performance: Path) -> None:
    """Once something is changed the clip is no longer announced as what is set; changed back, it is again."""
    choose(panel, character, performance)
    panel.studio.generate().result(30)
    assert wait_until(panel.status_bar, lambda state: state["phase"] == "Done")["tone"] == "good"
    panel.studio.set({"resolution": "720p", "num_inference_steps": 8})
    state = wait_until(panel.status_bar, lambda state: state["tone"] == "calm")
    assert state["message"].startswith("This clip is from before you changed the resolution and steps.")
    panel.studio.set({"resolution": "480p", "num_inference_steps": 20})
    assert "Saved" in wait_until(panel.status_bar, lambda state: state["tone"] == "good")["message"]


def test_two_panels_buy_one_job(served_alone: Service, character: Path, performance: Path) -> None:
    """Clicks in two panels at once begin one job, which both show."""
    one = Panel(Studio(service=served_alone, num_inference_steps=engines.HANG))
    other = Panel(one.studio)
    choose(one, character, performance)
    for panel in (one, other):
        click(panel.generate_bar, "generate")
    for panel in (one, other):
        wait_until(panel.status_bar, lambda state: bool(state.get("job_id")))
    assert one.status_bar.state["job_id"] == other.status_bar.state["job_id"]
    assert len(Journal().entries()) == 1
    one.studio.cancel()


def test_two_panels_stay_in_step(panel: Panel) -> None:
    """A setting changed in one panel is changed in the other."""
    other = Panel(panel.studio)
    click(panel.settings_form, "set", name="resolution", value="720p")
    assert wait_until(other.settings_form, lambda state: state["values"]["resolution"] == "720p")


def test_preview_differences_are_shown(panel: Panel) -> None:
    """Whoever chooses Replace learns that the free preview places only the head into the video."""
    assert "In the preview" not in panel.settings_form.state["help"]["model"]
    click(panel.settings_form, "set", name="model", value=family.REPLACE.id)
    state = wait_until(panel.settings_form, lambda state: "head goes into the video" in state["help"]["model"])
    assert state["help"]["model"].startswith("In the preview")


def test_the_form_shows_its_refusal(panel: Panel) -> None:
    """A value out of range leaves the setting as it was, and the form says why."""
    click(panel.settings_form, "set", name="shift", value=99)
    assert panel.settings_form.state["trouble"]
    assert panel.studio.shift == 5


def test_the_matching_preset_is_named(panel: Panel) -> None:
    """The form names the preset that is set, and none once a setting leaves it."""
    assert panel.settings_form.state["preset"] == "balanced"
    click(panel.settings_form, "preset", name="draft")
    wait_until(panel.settings_form, lambda state: state["preset"] == "draft")
    click(panel.settings_form, "set", name="video_quality", value="low")
    wait_until(panel.settings_form, lambda state: state["preset"] == "")


def test_own_presets_can_be_saved(panel: Panel) -> None:
    """Settings can be kept under a name, taken up again in a later session, and forgotten."""
    click(panel.settings_form, "set", name="shift", value=9)
    click(panel.settings_form, "save", name="wild")
    click(panel.settings_form, "reset")
    later = Panel(Studio(service=panel.studio.service))
    click(later.settings_form, "preset", name="wild")
    assert later.studio.shift == 9
    click(later.settings_form, "delete", name="wild")
    assert "wild" not in [preset["name"] for preset in later.settings_form.state["presets"]]


def test_built_in_presets_stay(panel: Panel) -> None:
    """A name that reads as a built-in preset's is refused aloud; one that was saved earlier is kept beside it."""
    names = [preset["name"] for preset in panel.settings_form.state["presets"]]
    for name in ("draft", "Draft", " DRAFT ", "d raft", "\uff44raft", " "):
        click(panel.settings_form, "save", name=name)
        assert "needs a name that is not" in panel.settings_form.state["trouble"]
        panel.settings_form.update(trouble="")
    assert [preset["name"] for preset in panel.settings_form.state["presets"]] == names
    (subfolder("presets") / "presets.json").write_text('{"Draft": {"shift": 9}}')
    panel.render()
    assert [preset["name"] for preset in panel.settings_form.state["presets"]] == [*names, "Draft (yours)"]
    click(panel.settings_form, "preset", name="Draft (yours)")
    assert panel.studio.shift == 9


def test_the_status_bar_shows_errors(panel: Panel) -> None:
    """A command that cannot be carried out says why, and raises nothing in the kernel."""
    click(panel.generate_bar, "watch", id="4711")
    assert "4711" in wait_until(panel.status_bar, lambda state: state.get("trouble"))["trouble"]


def test_an_existing_clip_is_reused(panel: Panel, character: Path, performance: Path) -> None:
    """The same again costs nothing, and the panel offers to make it anew."""
    choose(panel, character, performance)
    panel.studio.generate().result(30)
    panel.studio.generate().result(30)
    assert wait_until(panel.generate_bar, lambda state: state["made_before"])
    click(panel.generate_bar, "generate", again=True)
    wait_until(panel.generate_bar, lambda state: not state["made_before"] and not state["busy"])
    assert len(Journal().entries()) == 2


def test_preview_is_called_free_once(character: Path, performance: Path) -> None:
    """The panel says beside the button what a job costs, but not what the choice of services says already."""
    preview, own = Service.embedded(), Service.at("http://127.0.0.1:9", "token", paid=False)
    chosen = {"image": character, "video": performance}
    prices = [Panel(service=service, **chosen).generate_bar.shown.price for service in (preview, own)]
    assert (preview.label, prices) == ("Preview, free", ["", "Free preview"])
    words = [str(estimate(character, performance, service=service)).splitlines()[0] for service in (preview, own)]
    assert words == ["Free preview", "Free preview"]


def test_the_code_matches_the_panel(panel: Panel, character: Path, performance: Path) -> None:
    """The cell names both files and the changed settings, compiles, and holds no key."""
    choose(panel, character, performance)
    panel.studio.shift = 8
    state = wait_until(panel.generate_bar, lambda state: "shift=8" in state["code"])
    compile(state["code"], "cell", "exec")
    assert str(character) in state["code"]
    assert "token" not in state["code"]


def test_the_code_holds_no_key(panel: Panel, character: Path, performance: Path) -> None:
    """Of a service only its address is told, and whether it is paid where that does not follow from it."""
    choose(panel, character, performance)
    panel.studio.service = Service.hosted("sk-canary")
    assert "canary" not in as_code(panel.studio)
    assert "wan.Service.hosted()" in as_code(panel.studio)
    panel.studio.service = Service.at("http://127.0.0.1:9", "sk-canary", paid=True)
    assert "wan.Service.at('http://127.0.0.1:9', getpass(\"Key: \"), paid=True)" in as_code(panel.studio)


def test_the_code_holds_no_secret(panel: Panel, performance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for an address that has a password or a signature, and names a file from the user's own folder on."""
    monkeypatch.setenv("HOME", str(performance.parent))
    click(panel.image_picker, "text", text="https://me:canary@host.example/hero.png?sig=canary")
    click(panel.video_picker, "text", text=str(performance))
    code = wait_until(panel.generate_bar, lambda state: state["ready"])["code"]
    compile(code, "cell", "exec")
    assert "canary" not in code
    assert code.startswith("from getpass import getpass")
    assert "    getpass('Address of the picture: '),\n    '~/dance.mp4',\n" in code


def test_missing_keys_become_warnings(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to press the button to learn that a key is wanted, and a login ends the warning."""
    panel.studio.service = Service.hosted()
    state = wait_until(panel.generate_bar, lambda state: state["service"] == "hosted")
    assert ["wan.login()" in one["text"] for one in state["warnings"]] == [True]
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-canary")
    panel.render()
    assert panel.generate_bar.state["warnings"] == []


def test_a_warning_has_its_fix(panel: Panel, character: Path, performance: Path) -> None:
    """A picture and a video of other shapes are a warning, and one click fits them; the code does the same."""
    choose(panel, character, performance)
    panel.studio.choose_image(np.zeros((640, 360, 3), np.uint8))
    is_aspect = lambda state: [one for one in state["warnings"] if one["topic"] == "aspect"]  # noqa: E731
    (warning,) = is_aspect(wait_until(panel.generate_bar, is_aspect))
    click(panel.generate_bar, "fix", topic=warning["topic"])
    assert panel.studio.prepare_video != Preparation()
    state = wait_until(panel.generate_bar, lambda state: "prepare_video={" in state["code"])
    assert warning["topic"] not in [one["topic"] for one in state["warnings"]]
    assert "→" in wait_until(panel.preparation_form, lambda state: state["saving"])["saving"]
    click(panel.preparation_form, "reset")
    assert panel.studio.prepare_video == Preparation()


def test_the_form_prepares_the_reference(panel: Panel, character: Path, performance: Path) -> None:
    """What is set in the form becomes the studio's preparation; what makes no sense is refused in words."""
    choose(panel, character, performance)
    click(panel.preparation_form, "trim", start=0.0, end=0.5)
    click(panel.preparation_form, "set", name="fps", value=16)
    assert panel.studio.prepare_video == Preparation(end=0.5, fps=16)
    click(panel.preparation_form, "trim", start=2, end=0.5)
    assert "end" in panel.preparation_form.state["trouble"]
    panel.studio.choose_image(None)
    click(panel.preparation_form, "set", name="fit", value="crop")
    assert "Choose a picture first" in panel.preparation_form.state["trouble"]
    assert panel.studio.prepare_video == Preparation(end=0.5, fps=16)


def test_the_balance_is_asked_for(panel: Panel) -> None:
    """A click asks the service; nothing is asked before."""
    assert panel.generate_bar.state["balance"] == ""
    click(panel.generate_bar, "balance")
    assert "$0.00 left" in wait_until(panel.generate_bar, lambda state: state["balance"])["balance"]


def test_balance_known_before_money(panel: Panel, character: Path, performance: Path) -> None:
    """On a paid service the balance is asked for once both inputs are chosen, and is told where it is too little.

    A free service is not asked, and of a paid one that tells nothing no fault is shown.
    """
    asked = threading.Event()

    class Closed(ScriptedService):
        def reply(self, request: Received) -> Reply:
            asked.set()
            return super().reply(request)

    choose(panel, character, performance)
    wait_until(panel.generate_bar, lambda state: state["ready"])
    assert panel.studio.balance == ""
    poor = ScriptedService(others={"/v2/billing": [Reply(body={"current_balance": 0.02, "currency": "USD"})]})
    closed = Closed(others={"/v2/billing": [refusal(403)]})
    with on_a_port(poor) as url, on_a_port(closed) as other:
        panel.studio.service = Service.at(url, "key", paid=True)
        low = lambda state: any("$0.02 left" in one["text"] for one in state["warnings"])  # noqa: E731
        assert "$0.02" in wait_until(panel.generate_bar, lambda state: low(state) and state["balance"])["balance"]
        panel.studio.service = Service.at(other, "key", paid=True)
        assert asked.wait(30)
        assert panel.status_bar.state["trouble"] == ""
    assert len([one for one in poor.requests if one.path == "/v2/billing"]) == 1


def test_own_price_before_money(panel: Panel, character: Path, performance: Path) -> None:
    """The service's own price is asked for once both inputs are chosen, and shown before anything is sent."""
    variants = [{"when": {"resolution": "480p"}, "price": 0.1, "unit": "frame"}]
    listed = Reply(body={"data": [{"id": MODEL, "pricing": {"variants": variants}}]})
    app = ScriptedService(others={"/v1/models": [listed], "/v2/billing": [refusal(403)]})
    with on_a_port(app) as url:
        panel.studio.service = Service.at(url, "key", paid=True)
        choose(panel, character, performance)
        shown = wait_until(panel.generate_bar, lambda state: "own price list" in state["price"])
        assert "$1.00" in shown["price"]
    assert app.posts == []


def test_price_above_the_limit_is_told(panel: Panel, character: Path, performance: Path) -> None:
    """A limit below the price, or set where nobody knows the price, is told before Generate is pressed."""

    def told(words: str) -> bool:
        texts = [one["text"] for one in panel.generate_bar.state["warnings"]]
        return any(words in text and "would not be sent" in text for text in texts)

    panel.studio.service = Service.at("http://127.0.0.1:9", "key", paid=True)
    choose(panel, character, performance)
    click(panel.generate_bar, "budget", usd=0.01)
    wait_until(panel.generate_bar, lambda _: told("the limit is $0.01"))
    click(panel.generate_bar, "budget", usd=5)
    wait_until(panel.generate_bar, lambda _: not told("limit"))
    panel.studio.video = media.Video(url="https://example.org/unknown.mp4", name="unknown.mp4")
    wait_until(panel.generate_bar, lambda _: told("a limit of $5.00 is set"))
    click(panel.generate_bar, "budget", usd=None)
    wait_until(panel.generate_bar, lambda _: not told("limit"))


def test_earlier_jobs_can_be_used(panel: Panel, character: Path, performance: Path) -> None:
    """A later session finds the jobs of before, plays their clips, takes up their settings and forgets them."""
    choose(panel, character, performance)
    panel.studio.shift = 9
    clip = panel.studio.generate().result(30)
    later = Panel(Studio(service=panel.studio.service))
    (job,) = later.history_list.state["jobs"]
    assert (job["state"], job["poster"]["type"]) == ("saved", "image/jpeg")
    click(later.history_list, "play", number=job["number"])
    wait_until(later.player, lambda state: state["result"] is not None)
    assert later.studio.clip == clip
    click(later.history_list, "restore", number=job["number"])
    wait_until(later.settings_form, lambda state: state["values"]["shift"] == 9)
    click(later.history_list, "delete", number=job["number"])
    wait_until(later.history_list, lambda state: not state["jobs"])


def made_with_everything(panel: Panel, character: Path, performance: Path) -> dict[str, Any]:
    """Make a clip with a value of every kind, and return what was chosen."""
    choose(panel, character, performance)
    studio = panel.studio
    studio.shift, studio.points = 9.0, ((20.0, 20.0), (40.0, 20.0), (30.0, 34.0))
    studio.prepare_video = Preparation(start=0.2, end=0.8)
    studio.generate().result(30)
    return chosen_by(studio)


def chosen_by(studio: Studio) -> dict[str, Any]:
    names = ("image", "video", "points", "prepare_video", "prepare_image")
    return studio.settings | {name: getattr(studio, name) for name in names} | {"service": studio.service.base_url}


def test_all_of_a_job_comes_back(panel: Panel, character: Path, performance: Path) -> None:
    """Inputs, settings, preparation, points and service are those of the job; an input that is gone is told."""
    chosen = made_with_everything(panel, character, performance)
    later = Panel(Studio(service=Service.embedded(), shift=2, num_inference_steps=7))
    (job,) = later.history_list.state["jobs"]
    assert job["title"] == "hero.png · dance.mp4"
    click(later.history_list, "use", number=job["number"])
    wait_until(later.preparation_form, lambda state: state["values"]["end"] == 0.8)
    wait_until(later.landmarks_form, lambda state: state["points"])
    assert chosen_by(later.studio) == chosen
    performance.write_bytes(b"another")
    click(later.history_list, "use", number=job["number"])
    state = wait_until(later.status_bar, lambda state: "dance.mp4 is not where it was" in state["trouble"])
    assert "Everything else is set." in state["trouble"]
    assert (later.studio.image, later.studio.video) == (chosen["image"], None)


def test_chosen_clip_offers_its_origin(panel: Panel, character: Path, performance: Path, tmp_path: Path) -> None:
    """A clip of ours under any name stays chosen, and one click sets all that made it; no other video offers that."""
    chosen = made_with_everything(panel, character, performance)
    assert panel.studio.clip is not None
    renamed = panel.studio.clip.save(tmp_path / "holiday.mp4")
    later = Panel(Studio(service=panel.studio.service))
    click(later.video_picker, "text", text=str(renamed))
    state = wait_until(later.video_picker, lambda state: state["origin"])
    assert state["file"]["name"] == "holiday.mp4"
    assert state["origin"] == "The clip was made here of hero.png · dance.mp4, Move, 480p."
    click(later.video_picker, "origin")
    wait_until(later.landmarks_form, lambda state: state["points"])
    assert chosen_by(later.studio) == chosen
    shown = wait_until(later.video_picker, lambda state: state["file"] and state["file"]["name"] == "dance.mp4")
    assert shown["origin"] == ""


def test_found_face_is_shown_there(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points stand where the preview finds them, a doubtful face asks for a look, and the button leads there."""
    for name in ("ada.png", "theo.png"):
        panel.studio.choose_image(samples.character(name.removesuffix(".png")))
        state = wait_until(panel.landmarks_form, lambda state: state["found"])
        (left, eye), (right, _), (_, mouth) = state["found"]
        assert 0.3 * state["size"][0] < left < right < 0.7 * state["size"][0]
        assert 0.2 * state["size"][1] < eye < mouth < 0.6 * state["size"][1]
        assert (state["doubtful"], state["points"], state["opened"]) == (False, None, 0)
    monkeypatch.setattr(faces, "_SURE", 2.0)
    panel.studio.choose_image(samples.character("noor"))
    assert wait_until(panel.landmarks_form, lambda state: state["doubtful"])["opened"] == 0
    (warning,) = wait_until(panel.generate_bar, lambda state: state["warnings"])["warnings"]
    assert warning["remedy"] == "Check this face"
    click(panel.generate_bar, "fix", topic=warning["topic"])
    assert wait_until(panel.landmarks_form, lambda state: state["opened"])["opened"] == 1


def test_cut_is_shown(panel: Panel, tmp_path: Path) -> None:
    """Beside the button that keeps one shot stand the frames before and after the cut."""
    shots = [np.full((96, 144, 3), 40, np.uint8) for _ in range(2)]
    shots[0][:, :72], shots[1][:48] = 220, 160
    panel.studio.choose_video(filmed([shots[0]] * 12 + [shots[1]] * 28, tmp_path / "shots.mp4"))
    state = wait_until(panel.generate_bar, lambda state: any(one["shown"] for one in state["warnings"]))
    (cut,) = (one for one in state["warnings"] if one["shown"])
    assert (cut["topic"], bool(cut["remedy"])) == ("cuts", True)
    content = panel.generate_bar.delivery.content(cut["shown"]["id"])
    with PIL.Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
        assert picture.size == (216, 72)
        pixels = np.asarray(picture.convert("L")).astype(int)
    assert [pixels[60, x] for x in (20, 90, 128, 200)] == pytest.approx([220, 40, 40, 40], abs=25)
    assert [pixels[12, x] for x in (20, 90, 128, 200)] == pytest.approx([220, 40, 160, 160], abs=25)


def test_several_faces_are_shown(panel: Panel) -> None:
    """Where a picture has two faces, it stands beside the warning, with a light box around each of them."""
    both = PIL.Image.new("RGB", (832, 544))
    for left, person in ((0, "ada"), (416, "theo")):
        both.paste(PIL.Image.open(samples.character(person)).resize((416, 544)), (left, 0))
    panel.studio.choose_image(both)
    state = wait_until(panel.generate_bar, lambda state: any(one["large"] for one in state["warnings"]))
    (warning,) = (one for one in state["warnings"] if one["large"])
    assert (warning["topic"], warning["alt"]) == ("faces", "The picture with a box around each face")
    with PIL.Image.open(io.BytesIO(panel.generate_bar.delivery.content(warning["shown"]["id"]))) as picture:
        assert picture.width == 480
        row = np.asarray(picture.convert("L")).astype(int)[picture.height * 44 // 100]
    edges = [x for x in range(2, 478) if row[x] > 215 and min(row[x - 4 : x + 5]) < 90]
    assert {edge // 120 for edge in edges} == {0, 1, 2, 3}


def test_missing_face_leads_to_the_form(panel: Panel) -> None:
    """Where no face is found the button leads to where it is placed; a paid service takes no points, so has none."""
    panel.studio.choose_image(np.full((300, 300, 3), 120, np.uint8))
    found = lambda state: [one for one in state["warnings"] if one["topic"] == "faces"]  # noqa: E731
    (warning,) = found(wait_until(panel.generate_bar, found))
    assert warning["remedy"] == "Place eyes and mouth"
    click(panel.generate_bar, "fix", topic="faces")
    state = wait_until(panel.landmarks_form, lambda state: state["opened"] == 1)
    assert (state["found"], state["doubtful"]) == (None, False)
    panel.studio.service = PAID
    wait_until(panel.generate_bar, lambda state: any(not one["remedy"] for one in found(state)))


def test_history_is_counted_and_searched(panel: Panel) -> None:
    """Refused jobs fill no list; 30 are shown, more on demand; state, mode and text narrow them down."""
    journal = Journal()
    for number in range(35):
        model = family.MOVE if number % 2 else family.REPLACE
        request = Request(image_url="https://a.example/hero.png", video_url="https://a.example/b.mp4", model=model.id)
        entry = journal.begin(replace(request, shift=1 + number / 10), service=panel.studio.service)
        if number < 3:
            journal.rejected(entry, "A busy service.")
    history = Panel(Studio(service=panel.studio.service)).history_list
    assert (len(history.state["jobs"]), history.state["matching"], history.state["known"]) == (30, 32, 35)
    click(history, "more")
    assert len(history.state["jobs"]) == 32
    click(history, "filter", text="busy", state="refused", mode="")
    assert [job["number"] for job in history.state["jobs"]] == [3, 2, 1]
    click(history, "filter", text="", state="refused", mode="move")
    assert [job["number"] for job in history.state["jobs"]] == [2]
    click(history, "filter", text="nobody", state="", mode="")
    assert (history.state["jobs"], history.state["known"]) == ([], 35)


def test_a_damaged_clip_hides_none(panel: Panel, character: Path, performance: Path) -> None:
    """Where the file of an earlier job is broken, its card has no picture, and the panel is there all the same."""
    choose(panel, character, performance)
    clip = panel.studio.generate().result(30)
    wait_until(panel.history_list, lambda state: any(job["poster"] for job in state["jobs"]))
    clip.path.write_bytes(b"no video any more")
    panel.studio.generate(again=True).result(30)
    later = Panel(Studio(service=panel.studio.service))
    asked = [{"id": job["poster"]["id"], "offset": 0} for job in later.history_list.state["jobs"]]
    assert [later.history_list.delivery.answer(one)[0]["type"] for one in asked] == ["piece", "gone"]


def test_earlier_files_are_offered(panel: Panel, character: Path, performance: Path) -> None:
    """What earlier jobs were made of can be chosen again, and their clips can drive another."""
    choose(panel, character, performance)
    clip = panel.studio.generate().result(30)
    offered = wait_until(panel.video_picker, lambda state: len(state["earlier"]) == 2)["earlier"]
    assert {one["key"] for one in offered} == {str(performance), str(clip.path)}
    click(panel.video_picker, "earlier", key=str(clip.path))
    wait_until(panel.video_picker, lambda state: state["file"] and state["file"]["name"] == clip.path.name)
    assert [one["key"] for one in panel.image_picker.state["earlier"]] == [str(character)]


def test_two_clips_are_compared(panel: Panel, character: Path, performance: Path) -> None:
    """Of two clips one lies over the other in the player, to be wiped, each under its own name."""
    choose(panel, character, performance)
    panel.studio.generate().result(30)
    panel.studio.generate(again=True).result(30)
    state = wait_until(panel.history_list, lambda state: sum(bool(job["poster"]) for job in state["jobs"]) == 2)
    click(panel.history_list, "compare", chosen=[{"number": job["number"]} for job in state["jobs"]])
    shown = wait_until(panel.player, lambda state: "beside" in state.get("title", ""))
    assert shown["reference"] is not None
    assert shown["view_mode"] == "wipe"
    assert [shown["called"], shown["beside"]] == [f"job {job['number']}" for job in state["jobs"]]


def test_landmarks_become_points(panel: Panel, character: Path, performance: Path) -> None:
    """Moved markers become the studio's points, and stand in the code, until given up or the picture changes."""
    choose(panel, character, performance)
    form = panel.landmarks_form
    poster = wait_until(form, lambda state: state["poster"] is not None)["poster"]
    placed = ((10.0, 12.0), (20.0, 12.0), (15.0, 20.5))
    click(form, "place", id=poster["id"], points=[list(point) for point in placed])
    assert panel.studio.points == placed
    wait_until(panel.generate_bar, lambda state: f"points={placed!r}" in state["code"])
    assert wait_until(form, lambda state: state["points"] is not None)["points"][2] == [15.0, 20.5]
    click(form, "clear")
    assert panel.studio.points is None
    wait_until(panel.generate_bar, lambda state: "points=" not in state["code"])
    click(form, "place", id=poster["id"], points=[list(point) for point in placed])
    panel.studio.choose_image(np.zeros((64, 64, 3), np.uint8))
    assert panel.studio.points is None


def test_paid_services_get_no_points(panel: Panel, character: Path, performance: Path) -> None:
    """A service that is paid finds the face by itself, so it gets no points and the panel offers none."""
    choose(panel, character, performance)
    wait_until(panel.landmarks_form, lambda state: state["poster"] is not None)
    panel.studio.points = ((10, 12), (20, 12), (15, 20))
    panel.studio.service = Service.hosted("sk-canary")
    wait_until(panel.landmarks_form, lambda state: state["poster"] is None)
    assert "points=" not in as_code(panel.studio)


def test_damaged_journals_are_set_aside(served: Service, character: Path, performance: Path) -> None:
    """The panel says what is wrong and helps: earlier jobs that can be read come back, and a job can be made again."""
    Journal().path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    panel = Panel(Studio(service=served))
    (caution,) = panel.generate_bar.state["warnings"]
    assert "is damaged" in caution["text"]
    click(panel.generate_bar, "fix", topic=caution["topic"])
    wait_until(panel.generate_bar, lambda state: state["warnings"] == [])
    assert len(list(Journal().path.parent.glob("jobs-set-aside-*"))) == 1
    choose(panel, character, performance)
    click(panel.generate_bar, "generate")
    wait_until(panel.status_bar, lambda state: state["phase"] == "Done")


def test_a_lost_submit_asks_again(panel: Panel) -> None:
    """Where the same job was sent and its answer lost, the panel offers another one, and says what that may cost."""
    panel.studio.progress = Progress(RunPhase.FAILED, "It may have been bought.", error=AskedBefore("It may …", 1))
    assert wait_until(panel.generate_bar, lambda state: state["made_before"])["busy"] is False


def test_preview_notices_become_warnings(panel: Panel, character: Path, performance: Path) -> None:
    """It stands among the warnings after a preview, also with the paid service chosen, until the inputs are others."""
    choose(panel, character, performance)
    panel.studio.generate().result(30)
    wait_until(panel.generate_bar, shows_notice)
    panel.studio.service = Service.hosted("key")
    assert shows_notice(wait_until(panel.generate_bar, lambda state: state["paid"]))
    panel.studio.prepare_video = Preparation(end=0.5)
    wait_until(panel.generate_bar, lambda state: not shows_notice(state))


def shows_notice(state: dict[str, Any]) -> bool:
    return engines.NOTICE["text"] in {one["text"] for one in state["warnings"]}


@pytest.mark.parametrize("trouble", ["a file where the folder should be", "presets that are no presets"])
def test_a_broken_folder_stops_nothing(
    served: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """It says what is wrong instead of not coming up at all; the model's own presets are there."""
    home = tmp_path / "home"
    if trouble.startswith("a file"):
        home.write_text("not a folder")
    else:
        (home / "presets").mkdir(parents=True)
        (home / "presets" / "presets.json").write_text("{broken")
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(home))
    panel = Panel(Studio(service=served))
    assert str(home) in panel.studio.error
    assert "draft" in [preset["name"] for preset in panel.settings_form.state["presets"]]


def test_foreign_jobs_are_listed(panel: Panel) -> None:
    """It can be watched; that nobody knows its settings is said instead of restoring some."""
    Journal().adopt(parse_job({"id": "there", "status": "generating"}, at=1.0), service=panel.studio.service)
    later = Panel(Studio(service=panel.studio.service))
    (job,) = later.history_list.state["jobs"]
    assert (job["title"], job["facts"].split(",")[0]) == ("Job there", "begun elsewhere")
    assert [one["id"] for one in later.generate_bar.state["pending_jobs"]] == ["1"]
    click(later.history_list, "restore", number=1)
    state = wait_until(later.status_bar, lambda state: "begun elsewhere" in state["trouble"])
    assert state["phase"] == "Ready"


def test_first_paid_job_asks(character: Path, performance: Path) -> None:
    """After a preview the first paid job is sent once its price was confirmed; the next one asks no more."""
    with PreviewOfMoney() as (free, paid, app):
        panel = Panel(service=free)
        choose(panel, character, performance)
        click(panel.generate_bar, "generate")
        wait_until(panel.status_bar, lambda state: state["phase"] == "Done")
        panel.studio.service = paid
        click(panel.generate_bar, "generate")
        question = wait_until(panel.generate_bar, lambda state: state["confirm"])["confirm"]
        assert "The job before was free" in question
        assert "$0.03" in question
        click(panel.generate_bar, "confirm", yes=False)
        wait_until(panel.generate_bar, lambda state: not state["confirm"])
        assert app.submits == []
        click(panel.generate_bar, "generate")
        wait_until(panel.generate_bar, lambda state: state["confirm"])
        for shift, action in ((9, {"type_": "confirm", "yes": True}), (3, {"type_": "generate"})):
            panel.studio.shift, made = shift, threading.Event()
            panel.studio.observe(lambda _change, made=made: made.set(), "clip")
            click(panel.generate_bar, **action)
            assert made.wait(30)
        assert len(app.submits) == 2


class PreviewOfMoney:
    """A free service, and a paid one of the same kind."""

    def __enter__(self) -> tuple[Service, Service, TimedService]:
        self._stack, app = contextlib.ExitStack(), TimedService(preview=True)
        free = self._stack.enter_context(TimedService().running())
        paid = dataclasses.replace(self._stack.enter_context(app.running()), paid=True)
        remember_price(paid, MODEL, None)
        return free, paid, app

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


def test_budget_and_cap_are_shown(
    panel: Panel, character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The panel sets the studio's budget, shows the standing cap, warns of a low balance, and refuses with numbers."""
    monkeypatch.setenv("WAN_NOTEBOOK_BUDGET", "0.50 5/day")
    choose(panel, character, performance)
    panel.studio.service = PAID
    click(panel.generate_bar, "budget", usd=0.01)
    panel.studio.dollars_left = 0.02
    state = wait_until(panel.generate_bar, lambda state: state["budget"] == 0.01 and state["warnings"])
    assert state["cap"] == "WAN_NOTEBOOK_BUDGET allows $0.50 a job and $5.00 a day; $0.00 were spent today."
    assert any("$0.02 left" in one["text"] and "$0.03" in one["text"] for one in state["warnings"])
    click(panel.generate_bar, "generate")
    assert "the budget is $0.01" in wait_until(panel.status_bar, lambda state: state["trouble"])["trouble"]
    click(panel.generate_bar, "budget", usd=-1)
    assert "no amount" in wait_until(panel.generate_bar, lambda state: state["trouble"])["trouble"]
    assert panel.studio.budget == 0.01
    assert "budget=0.01" in panel.generate_bar.state["code"]


def test_wrong_file_leaves_choice(panel: Panel, character: Path, performance: Path) -> None:
    """A file that cannot be used leaves the good choice before it standing, with what was set for it, and says so."""
    choose(panel, character, performance)
    panel.studio.prepare_video = Preparation(end=0.2)
    click(panel.video_picker, "refuse", reason="kind", name="notes.txt")
    click(panel.image_picker, "text", text="missing.png")
    trouble = wait_until(panel.image_picker, lambda state: bool(state["trouble"]))["trouble"]
    assert trouble.endswith("hero.png is still chosen.")
    assert panel.video_picker.state["trouble"].endswith("dance.mp4 is still chosen.")
    assert panel.video_picker.state["file"]["name"] == "dance.mp4"
    assert (panel.studio.ready, panel.studio.prepare_video.end) == (True, 0.2)


def test_clip_is_no_picture(panel: Panel, character: Path, performance: Path, tmp_path: Path) -> None:
    """A clip of ours that is chosen as the picture is refused, and one click sets all that made it.

    The picture that was chosen before stays so until then. No other video offers that.
    """
    chosen = made_with_everything(panel, character, performance)
    assert panel.studio.clip is not None
    renamed = panel.studio.clip.save(tmp_path / "holiday.mp4")
    for picture in (samples.character(), character):
        later = Panel(Studio(service=panel.studio.service, image=media.picture(picture)))
        click(later.image_picker, "text", text=str(renamed))
        state = wait_until(later.image_picker, lambda state: state["trouble"])
        assert state["origin"] == "The clip was made here of hero.png · dance.mp4, Move, 480p."
        assert state["trouble"] == f"holiday.mp4 is a clip, and no picture. {picture.name} is still chosen."
        assert state["file"]["name"] == picture.name
        click(later.image_picker, "origin")
        wait_until(later.landmarks_form, lambda state: state["points"])
        shown = wait_until(later.image_picker, lambda state: not state["trouble"])
        assert (shown["origin"], shown["file"]["name"]) == ("", "hero.png")
        assert chosen_by(later.studio) == chosen
    click(later.image_picker, "text", text=str(renamed))
    wait_until(later.image_picker, lambda state: state["origin"])
    click(later.image_picker, "text", text=str(performance))
    state = wait_until(later.image_picker, lambda state: state["trouble"].startswith("dance.mp4 is an MP4 video"))
    assert state["origin"] == ""


def test_removed_choice_stays_removed(panel: Panel, character: Path) -> None:
    """A choice that the person took back does not come again when the next one fails."""
    click(panel.image_picker, "text", text=str(character))
    wait_until(panel.image_picker, lambda state: state["file"])
    click(panel.image_picker, "clear")
    click(panel.image_picker, "refuse", reason="kind", name="notes.txt")
    assert (panel.image_picker.state["file"], panel.studio.image) == (None, None)


def test_shared_panel_shows_nobody_else(served: Service, character: Path, performance: Path) -> None:
    """Where several people share a panel's place, nobody sees another's jobs, nor names a file of the machine."""
    earlier = Panel(Studio(service=served))
    choose(earlier, character, performance)
    earlier.studio.generate().result(30)
    shared = Panel(Studio(service=served), history=False, paths=False)
    assert not [name for name in shared.keys if name.startswith("history")]
    click(shared.image_picker, "text", text=str(character))
    assert "cannot be named here" in shared.image_picker.state["trouble"]
    shared.studio.choose_image(character)
    shared.studio.choose_video(performance)
    state = wait_until(shared.generate_bar, lambda state: state["ready"])
    assert (state["code"], shared.image_picker.state["earlier"]) == ("", [])


def test_key_is_entered_in_panel(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hosted service's key can be entered; it is in no state, and one that is refused changes nothing."""
    refused = iter([True, False])

    def ask(_studio: Studio) -> None:
        if next(refused):
            raise NotAuthorized("The hosted service does not accept the key.")

    monkeypatch.setattr(Studio, "refresh_balance", ask)
    panel.studio.service = Service.hosted()
    wait_until(panel.generate_bar, lambda state: state["wants_key"])
    click(panel.generate_bar, "key", key="sk-wrong-1")
    wait_until(panel.status_bar, lambda state: "does not accept" in state["trouble"])
    assert panel.studio.service.key is None
    click(panel.generate_bar, "key", key="sk-right-2")
    wait_until(panel.generate_bar, lambda state: not state["wants_key"])
    assert "sk-" not in str(panel.get_state())


def test_address_is_fetched_here(panel: Panel) -> None:
    """What lies behind a chosen address can be fetched, and is then a file like any other; if not, it stays chosen."""
    with on_a_port(ScriptedService(files=[Reply(404, b""), Reply(200, clip())])) as url:
        click(panel.video_picker, "text", text=f"{url}/dance.mp4?sig=secret")
        assert wait_until(panel.video_picker, lambda state: state["file"])["file"]["url"]
        click(panel.video_picker, "fetch")
        trouble = wait_until(panel.video_picker, lambda state: bool(state["trouble"]))["trouble"]
        assert "does not exist (HTTP 404)" in trouble
        assert trouble.endswith("dance.mp4 is still chosen.")
        click(panel.video_picker, "fetch")
        file = wait_until(panel.video_picker, lambda state: state["file"] and not state["file"]["url"])["file"]
    assert (file["name"], panel.studio.video.path.name, "secret" in trouble) == ("dance.mp4", "dance.mp4", False)
