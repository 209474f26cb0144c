"""Downloading a clip."""

import re
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from wan_notebook.client import Client
from wan_notebook.errors import DownloadFailed
from wan_notebook.model.job import COMPLETED, Job
from wan_notebook.video.playback import Playback, play

from support.clients import using
from support.media import clip, filmed, meadow, noisy
from support.services import (
    CLIP_URL,
    FakeService,
    Received,
    Reply,
    ScriptedService,
    clip_reply,
    completed,
    refusal,
)

JOB = Job(id="job-1", status=COMPLETED, video=CLIP_URL, submitted_at=1.0)


def download(app: ScriptedService, target: Path, job: Job = JOB, **options: Any) -> Path:
    return using(app, lambda client: client.download(job, target), **options)


def test_clip_downloaded_whole_without_key(tmp_path: Path) -> None:
    """The bytes are the service's, and the key stays here."""
    app, target = ScriptedService(), tmp_path / "clip.mp4"
    assert download(app, target) == target
    assert target.read_bytes() == clip()
    (asked,) = app.requests
    assert asked.host == "files.test"
    assert "authorization" not in asked.headers
    assert list(tmp_path.iterdir()) == [target]


def test_completed_before_it_appears(tmp_path: Path) -> None:
    """What is ours is added to a clip that plays before it gets its name, so that nobody finds it without."""
    target, found = tmp_path / "clip.mp4", list[tuple[int, bool]]()

    def complete(partial: Path, playback: Playback) -> None:
        found.append((playback.frames, target.exists()))
        with partial.open("ab") as file:
            file.write(b"more")

    def fetch(client: Client) -> Awaitable[Path]:
        return client.download(JOB, target, complete)

    using(ScriptedService(), fetch)
    assert found == [(play(clip(), "It").frames, False)]
    assert target.read_bytes() == clip() + b"more"


def test_redirect_followed_without_key(tmp_path: Path) -> None:
    """A clip may lie elsewhere; nothing but its address goes there."""
    app = ScriptedService(files=[Reply(302, b"", {"location": "https://cdn.test/real.mp4"}), clip_reply()])
    download(app, tmp_path / "clip.mp4")
    assert [one.host for one in app.requests] == ["files.test", "cdn.test"]
    assert all("authorization" not in one.headers for one in app.requests)


def test_expired_address_is_refreshed(tmp_path: Path) -> None:
    """When the old address answers no more, the job tells a fresh one."""
    app = ScriptedService(files=[refusal(403), clip_reply()], fetches=[completed("https://files.test/fresh.mp4")])
    download(app, tmp_path / "clip.mp4")
    assert [one.path for one in app.requests] == ["/clip.mp4", "/v2/video/generations", "/fresh.mp4"]
    assert (tmp_path / "clip.mp4").read_bytes() == clip()


def test_clip_address_may_be_relative(tmp_path: Path) -> None:
    """A path alone is a path on the service."""
    app = ScriptedService()
    download(app, tmp_path / "clip.mp4", replace(JOB, video="/files/clip.mp4"))
    assert (app.requests[0].host, app.requests[0].path) == ("service.test", "/files/clip.mp4")
    assert "authorization" not in app.requests[0].headers


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://a/b.mp4", "http://[::1", "http://", "data:video/mp4;base64,AAAA"]
)
def test_bad_address_fails_in_words(address: str, tmp_path: Path) -> None:
    """Only web addresses are followed."""
    app = ScriptedService(fetches=[completed(address)])
    with pytest.raises(DownloadFailed, match=r'its address .*wan\.resume\("job-1", service=.*, key\)\) tries'):
        download(app, tmp_path / "clip.mp4", replace(JOB, video=address))
    assert list(tmp_path.iterdir()) == []


def test_unwritable_folder_is_not_retried(tmp_path: Path) -> None:
    """No attempt is repeated where the disk is at fault."""
    app = ScriptedService()
    with pytest.raises(DownloadFailed, match="cannot be written"):
        download(app, tmp_path / "missing" / "clip.mp4")
    assert len(app.requests) <= 1


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A clip of some thirty kilobytes."""
    pictures = (meadow((160, 120), seed=seed) for seed in range(12))
    return filmed(pictures, tmp_path_factory.mktemp("long") / "clip.mp4").read_bytes()


def test_damaged_clip_is_kept_apart(long_clip: bytes, tmp_path: Path) -> None:
    """What came twice and does not play to its end is not the clip; it lies beside the clip's place, and is told."""
    damaged, target = noisy(long_clip), tmp_path / "clip.mp4"
    app = ScriptedService(files=[Reply(200, damaged)])
    with pytest.raises(DownloadFailed, match=r"the file is damaged in \d+ of 12 places.*is not bought again") as failed:
        download(app, target)
    (kept,) = tmp_path.iterdir()
    assert (kept.read_bytes(), str(kept) in str(failed.value), kept != target) == (damaged, True, True)
    assert [one.path for one in app.requests].count("/clip.mp4") == 2


def test_damage_on_the_way_is_mended(long_clip: bytes, tmp_path: Path) -> None:
    """A clip that was damaged on its way is fetched once more, whole."""
    app, target = ScriptedService(files=[Reply(200, noisy(long_clip)), Reply(200, long_clip)]), tmp_path / "clip.mp4"
    assert download(app, target).read_bytes() == long_clip
    assert "range" not in app.requests[-1].headers


class Rationing(FakeService):
    """Sends a clip in parts, none larger than a ration, whatever was asked for.

    Args:
        content: of the clip.
        ration: bytes of an answer at most.
        names: headers by which the file is known again.
        announces: whether an answer says that it holds all that was asked for, and breaks off.
        stuck: the byte from which on nothing more comes.
    """

    def __init__(
        self, content: bytes, ration: int, *, announces: bool = False, stuck: int | None = None, **names: str
    ) -> None:
        self._content, self._ration, self._announces = content, ration, announces
        self._stuck = len(content) if stuck is None else stuck
        self._names = {name.replace("_", "-"): value for name, value in names.items()}
        self.asked: list[str] = []

    def reply(self, request: Received) -> Reply:
        if "generation_id" in request.query:
            return completed()
        self.asked.append(request.headers.get("range", ""))
        start, total = int((re.findall(r"\d+", self.asked[-1]) or ["0"])[0]), len(self._content)
        part = self._content[start : min(start + self._ration, self._stuck)]
        length = total - start if self._announces else len(part)
        place = {"content-range": f"bytes {start}-{start + length - 1}/{total}"} if start or not self._announces else {}
        head = {"content-length": str(length), **place, **self._names}
        return Reply(206 if place else 200, part, head)


@pytest.mark.parametrize("names", [{"etag": '"a"'}, {"last_modified": "Wed, 01 Jan 2025 00:00:00 GMT"}, {}], ids=str)
@pytest.mark.parametrize("announces", [False, True])
def test_parts_are_joined(announces: bool, names: dict[str, str], long_clip: bytes, tmp_path: Path) -> None:
    """A part that is shorter than asked is continued where it ended, in however many pieces, and never begun anew."""
    ration = len(long_clip) // 9
    app = Rationing(long_clip, ration, announces=announces, **names)
    target = tmp_path / "clip.mp4"
    assert using(app.transport, lambda client: client.download(JOB, target)).read_bytes() == long_clip
    assert app.asked == ["", *(f"bytes={start}-" for start in range(ration, len(long_clip), ration))]


@pytest.mark.parametrize("announces", [False, True])
def test_attempts_without_progress_end(announces: bool, long_clip: bytes, tmp_path: Path) -> None:
    """A server that sends a part and no more is asked a few times, and then the user is told how much came."""
    app = Rationing(long_clip, 5000, announces=announces, stuck=5000, etag='"a"')
    with pytest.raises(DownloadFailed, match="only 5,000 of"):
        using(app.transport, lambda client: client.download(JOB, tmp_path / "clip.mp4"))
    assert len(app.asked) < 10
    assert list(tmp_path.iterdir()) == []


def test_announced_bytes_may_not_exist(long_clip: bytes, tmp_path: Path) -> None:
    """A clip that plays to its end is kept, though its server announces more bytes than it ever sends."""
    app = Rationing(long_clip + bytes(100), len(long_clip), stuck=len(long_clip), etag='"a"')
    target = tmp_path / "clip.mp4"
    assert using(app.transport, lambda client: client.download(JOB, target)).read_bytes() == long_clip


def test_half_a_clip_is_none(tmp_path: Path) -> None:
    """Of a clip in fragments the first half plays to its end by itself, and is not taken for the clip."""
    made = tmp_path / "made.mp4"
    with av.open(str(made), "w", options={"movflags": "frag_keyframe+empty_moov"}) as output:
        stream = output.add_stream("libx264", rate=25, options={"g": "5"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(50):
            pixels = np.full((48, 64, 3), 5 * number, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        output.mux(stream.encode())
    content = made.read_bytes()
    fragments = [found.start() - 4 for found in re.finditer(b"moof", content)]
    half = fragments[len(fragments) // 2]
    app = Rationing(content, half, announces=True, stuck=half, etag='"a"')
    with pytest.raises(DownloadFailed, match="bytes came"):
        using(app.transport, lambda client: client.download(JOB, tmp_path / "clip.mp4"))
