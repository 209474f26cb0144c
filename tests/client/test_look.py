"""A look at addresses before a paid service is sent there."""

import asyncio
import dataclasses
from typing import Any

import pytest

from wan_notebook.client.look import check_address, fetch_input, is_private
from wan_notebook.client.service import Service
from wan_notebook.errors import MediaError
from wan_notebook.runtime.data_dir import data_dir

from support.media import clip, picture
from support.services import HOSTED, PAID, Reply, ScriptedService, on_a_port, refused_port

PAGE = b"\n\n<!-- a page --><!DOCTYPE html><title>Sign in</title>"


def look(*files: Reply, medium: Any = "video") -> ScriptedService:
    """Look at an address of a server that gives these answers."""
    app = ScriptedService(files=files)
    with on_a_port(app) as url:
        asyncio.run(check_address(with_key(), f"{url}/dance.mp4?sig=secret", medium))
    return app


def with_key() -> Service:
    return dataclasses.replace(PAID, key=Service.at(PAID.base_url, "sk-secret").key)


@pytest.mark.parametrize(
    ("answer", "medium", "said"),
    [
        (Reply(200, PAGE), "video", "dance.mp4 is a web page, and a video .* is wanted. Open the page in a browser"),
        (Reply(200, PAGE), "picture", "is a web page, and a picture"),
        (Reply(200, b'{"error": "expired"}'), "video", "is a text file, and a video"),
        (Reply(200, picture()), "video", "is a PNG picture, and a video"),
        (Reply(200, clip()), "picture", "is an MP4 video, and a picture"),
        (Reply(200, b""), "video", "is empty"),
        (Reply(416, b"", {"content-range": "bytes */0"}), "video", "is empty"),
        (Reply(401, PAGE), "video", r"wants a login \(HTTP 401\)"),
        (Reply(403, PAGE), "video", r"is not open to everybody \(HTTP 403\)"),
        (Reply(404, PAGE), "video", r"does not exist \(HTTP 404\)"),
        (Reply(410, b""), "picture", r"exists no more \(HTTP 410\)"),
    ],
)
def test_wrong_address_is_told(answer: Reply, medium: str, said: str) -> None:
    """What surely is no picture, or no video, is named for what it is, with the next step and without its signature."""
    with pytest.raises(MediaError, match=said) as caught:
        look(answer, medium=medium)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        Reply(200, clip()),
        Reply(206, clip()[:512]),
        Reply(500, PAGE),
        Reply(429, b""),
        Reply(405, b""),
        Reply(200, bytes(range(256)) * 4),
    ],
)
def test_doubtful_address_passes(answer: Reply) -> None:
    """A video, something unknown and a host that is busy are left to the service."""
    look(answer)


def test_redirect_leads_to_page() -> None:
    """A link that leads on to a page of a login is told as well."""
    with pytest.raises(MediaError, match="is a web page"):
        look(Reply(302, b"", {"location": "/login"}), Reply(200, PAGE))


def test_look_shows_no_key() -> None:
    """The host of the media gets no key, and is asked for the first bytes only."""
    (asked,) = look(Reply(200, clip())).requests
    assert "authorization" not in asked.headers
    assert asked.headers["range"] == "bytes=0-511"


def test_unreachable_host_passes() -> None:
    """A host that cannot be reached from here may answer the service."""
    asyncio.run(check_address(PAID, f"http://127.0.0.1:{refused_port()}/dance.mp4", "video"))


@pytest.mark.parametrize("host", ["localhost:8888", "192.168.1.7", "[::1]:8888", "nas", "nas.local", "169.254.1.1"])
def test_own_network_is_told(host: str) -> None:
    """An address of this computer or its network is refused, since no service elsewhere gets there."""
    with pytest.raises(MediaError, match="only this computer or its network can reach"):
        asyncio.run(check_address(HOSTED, f"http://{host}/files/dance.mp4", "video"))
    assert not is_private("example.org")


@pytest.mark.parametrize("path", ["dance.mp4", "..%2F..", "%00", "%E8%88%9E" * 100 + ".mp4", "", "a%5C..%5Cb.mp4"])
def test_fetched_file_stays_in_folder(path: str) -> None:
    """Whatever an address is called, what lies there is kept in the data directory, whole."""
    with on_a_port(ScriptedService(files=[Reply(200, clip())])) as url:
        kept = asyncio.run(fetch_input(f"{url}/{path}", "video"))
    assert kept.read_bytes() == clip()
    assert kept.resolve().is_relative_to(data_dir().resolve() / "fetched")
    assert kept.parent.parent.name == "fetched"


@pytest.mark.parametrize(
    ("answer", "said"),
    [(Reply(404, b""), r"does not exist \(HTTP 404\)"), (Reply(500, b""), r"cannot be fetched \(HTTP 500\)")],
)
def test_missing_input_is_told(answer: Reply, said: str) -> None:
    """What cannot be fetched is told with the next step, and leaves no file."""
    with on_a_port(ScriptedService(files=[answer])) as url, pytest.raises(MediaError, match=said) as caught:
        asyncio.run(fetch_input(f"{url}/dance.mp4?sig=secret", "video"))
    assert "secret" not in str(caught.value)
    assert not [path for path in (data_dir() / "fetched").rglob("*") if path.is_file()]


def test_unreachable_input_is_told() -> None:
    """A host that gives no answer ends in a sentence as well."""
    with pytest.raises(MediaError, match=r"cannot be fetched: .* save the file"):
        asyncio.run(fetch_input(f"http://127.0.0.1:{refused_port()}/dance.mp4", "video"))
