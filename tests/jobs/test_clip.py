"""A finished clip."""

import base64
import copy
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from wan_notebook.errors import InvalidRequest, StorageError
from wan_notebook.jobs.clip import Clip, clip_path, open_clip, write_sidecar
from wan_notebook.jobs.run import Run
from wan_notebook.model.job import Job, Request

from support.displays import Displayed
from support.services import HOSTED


@pytest.fixture
def clip(character: Path, performance: Path) -> Clip:
    """A clip whose file is the reference itself."""
    job = Job(id="60ac7c34:alibaba/wan2.2-14b-animate-move", status="completed", video="https://example.org/a.mp4")
    path = clip_path(job, HOSTED.base_url)
    path.write_bytes(performance.read_bytes())
    return Clip(path, Request(image_url=character.as_uri(), video_url=performance.as_uri(), shift=3), job)


def test_clip_shows_origin_and_settings(clip: Clip, character: Path, performance: Path) -> None:
    """Address, settings and both inputs are at hand."""
    assert (clip.url, clip.settings["shift"]) == ("https://example.org/a.mp4", 3)
    assert (clip.character, clip.reference) == (character, performance)


def test_clip_named_by_its_inputs(clip: Clip, character: Path, performance: Path) -> None:
    """Who performs what is told by the names of both files, as far as they have one; else the clip's own serves."""
    assert clip.title == f"{character.name} · {performance.name}"
    assert clip.request is not None
    inline, digest = "data:image/png;base64,aaaa", f"file:///inputs/{'0a' * 16}.mp4"
    half = replace(clip.request, image_url=inline)
    none = replace(half, video_url=digest)
    assert replace(clip, request=half).title == performance.name
    assert replace(clip, request=none).title == clip.path.name
    assert replace(clip, request=None).title == clip.path.name


def test_download_is_named(clip: Clip) -> None:
    """A download is called by both inputs and the mode, in signs that every system takes."""
    assert clip.download_name == "hero_dance_move.mp4"
    assert clip.request is not None
    odd = replace(clip.request, image_url="file:///pictures/M%C3%BCller%20%231%3A%20%22x%22.tar.png")
    assert replace(clip, request=odd).download_name == "Müller_1_x_tar_dance_move.mp4"
    inline = replace(clip.request, image_url="data:image/png;base64,aaaa")
    assert replace(clip, request=inline).download_name == "dance_move.mp4"
    assert replace(clip, request=None).download_name == clip.path.name


def test_missing_input_is_not_offered(clip: Clip, character: Path) -> None:
    """A picture which was deleted meanwhile is None."""
    character.unlink()
    assert clip.character is None


def test_saved_clip_keeps_its_settings(clip: Clip) -> None:
    """What keep() writes, open_clip() reads."""
    write_sidecar(clip)
    assert open_clip(clip.path) == clip


def test_clip_path_is_stable(clip: Clip) -> None:
    """The place follows from the service and the id, whatever signs are in it; two services have two."""
    assert clip_path(clip.job, HOSTED.base_url) == clip.path
    assert clip_path(clip.job, "https://other.example") != clip.path
    assert clip.path.parent.name == "clips"


def test_clip_saved_where_asked(clip: Clip, tmp_path: Path) -> None:
    """save() copies, and says where to."""
    assert clip.save(tmp_path / "mine.mp4").read_bytes() == clip.path.read_bytes()
    (tmp_path / "folder").mkdir()
    assert clip.save(tmp_path / "folder") == tmp_path / "folder" / clip.path.name


def test_clip_bears_no_name_of_another_kind(clip: Clip, tmp_path: Path) -> None:
    """A name that promises another kind of file is refused, with the right one; one that promises nothing is taken."""
    with pytest.raises(InvalidRequest, match=r"mine\.gif would be no gif: a clip is an MP4\. Name it mine\.mp4\."):
        clip.save(tmp_path / "mine.gif", label=True)
    assert clip.save(tmp_path / "mine.v2").exists()
    assert not (tmp_path / "mine.gif").exists()


def test_unwritable_target_is_named(clip: Clip, tmp_path: Path) -> None:
    """A missing folder gives an error which names it."""
    with pytest.raises(StorageError, match="nowhere"):
        clip.save(tmp_path / "nowhere" / "mine.mp4")


def test_file_without_settings_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(StorageError, match=r"other\.mp4"):
        open_clip(tmp_path / "other.mp4")


def test_static_clip_shows_a_poster(clip: Clip, displayed: Displayed) -> None:
    """As the last line of a cell it is a player; a saved notebook has the first frame and the settings, no more."""
    clip._ipython_display_()
    (live, _), (saved, _) = displayed.get(timeout=30), displayed.get(timeout=30)
    assert live["application/vnd.jupyter.widget-view+json"]["model_id"]
    widget = clip.widget
    assert widget.player.state["result"]["size"] == clip.path.stat().st_size
    assert "shift 3" in saved["text/html"]
    assert "data:image/jpeg" in saved["text/html"]
    assert "shift 3" in saved["text/plain"]
    assert base64.b64encode(clip.path.read_bytes()[:300]).decode() not in str(saved) + str(widget.get_state())


def test_embedding_is_explicit_and_limited(clip: Clip) -> None:
    """embed() holds all bytes; above the limit it is refused, and says how to insist."""
    assert base64.b64encode(clip.path.read_bytes()).decode() in clip.embed().data
    with pytest.raises(InvalidRequest, match="max_megabytes="):
        clip.embed(max_megabytes=0.0001)


def test_clip_goes_to_other_processes(clip: Clip) -> None:
    """A clip and its request are pickled and copied like any value, as joblib and multiprocessing do."""
    extra = Request(image_url=clip.path.as_uri(), video_url=clip.path.as_uri(), extra={"seed": 1, "tags": ["a"]})
    for value in (clip, replace(clip, request=extra), clip.request, extra, clip.job):
        assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value


def test_run_stays_in_its_notebook() -> None:
    """A run that is pickled says what to hand on instead."""
    with pytest.raises(TypeError, match=r"run\.result\(\)"):
        pickle.dumps(Run())
