"""Downloading a clip."""

from pathlib import Path
from typing import Any

import pytest

from wan_notebook.errors import DownloadFailed
from wan_notebook.model.job import COMPLETED, Job

from support.clients import using
from support.media import clip
from support.services import (
    CLIP_URL,
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
    download(app, tmp_path / "clip.mp4", JOB.model_copy(update={"video": "/files/clip.mp4"}))
    assert (app.requests[0].host, app.requests[0].path) == ("service.test", "/files/clip.mp4")
    assert "authorization" not in app.requests[0].headers


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://a/b.mp4", "http://[::1", "http://", "data:video/mp4;base64,AAAA"]
)
def test_bad_address_fails_in_words(address: str, tmp_path: Path) -> None:
    """Only web addresses are followed."""
    app = ScriptedService(fetches=[completed(address)])
    with pytest.raises(DownloadFailed, match=r'could not be saved: its address .*wan\.resume\("job-1"\)'):
        download(app, tmp_path / "clip.mp4", JOB.model_copy(update={"video": address}))
    assert list(tmp_path.iterdir()) == []


def test_unwritable_folder_is_not_retried(tmp_path: Path) -> None:
    """No attempt is repeated where the disk is at fault."""
    app = ScriptedService()
    with pytest.raises(DownloadFailed, match="cannot be written"):
        download(app, tmp_path / "missing" / "clip.mp4")
    assert len(app.requests) <= 1
