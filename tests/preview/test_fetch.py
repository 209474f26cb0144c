"""Fetching media from the addresses in a request."""

import asyncio
import gzip
import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.errors import MediaError
from wan_notebook.preview.server.fetch import Fetcher, is_public

BODY = b"a video" * 1000
PACKED = gzip.compress(gzip.compress(bytes(1_000_000)))


class Shelf(http.server.BaseHTTPRequestHandler):
    """A small web server: good files, wrong turns, and a trickle."""

    def do_GET(self) -> None:
        answer = getattr(self, f"answer_{self.path.strip('/')}", self.answer_missing)
        answer()

    def answer_video(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def answer_unannounced(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(BODY)

    def answer_host(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["Host"].encode())

    def answer_packed(self) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip, gzip")
        self.end_headers()
        self.wfile.write(PACKED)

    def answer_moved(self) -> None:
        self._send_on("/video")

    def answer_circle(self) -> None:
        self._send_on("/circle")

    def answer_inward(self) -> None:
        self._send_on("http://inward.test/video")

    def answer_elsewhere(self) -> None:
        self._send_on("file:///etc/passwd")

    def answer_half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[:100])

    def answer_trickle(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        self.server.over.wait()  # type: ignore[attr-defined]

    def answer_missing(self) -> None:
        self.send_error(404)

    def log_message(self, *_arguments: Any) -> None:
        return

    def _send_on(self, location: str) -> None:
        self.send_response(302)
        self.send_header("Location", location)
        self.end_headers()


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        server.over = threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.over.set()  # type: ignore[attr-defined]
        server.shutdown()


async def to_loopback(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


def fetch(url: str, tmp_path: Path, **options: Any) -> bytes:
    fetcher = Fetcher(**{"allow_private": True, "resolve": to_loopback, **options})
    return asyncio.run(fetcher.fetch(url, tmp_path / "reference video")).read_bytes()


@pytest.mark.parametrize("path", ["video", "unannounced", "moved"])
def test_media_are_downloaded_whole(path: str, port: int, tmp_path: Path) -> None:
    """A file comes whole, with or without its length announced, also after a redirect."""
    assert fetch(f"http://media.test:{port}/{path}", tmp_path) == BODY


def test_host_header_keeps_the_name(port: int, tmp_path: Path) -> None:
    """The connection goes to the checked address, and yet the server hears the name that was asked for."""
    assert fetch(f"http://media.test:{port}/host", tmp_path) == f"media.test:{port}".encode()


def test_environment_hinders_no_fetch(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that lead nowhere concern only addresses that need certificates, and are named there."""
    monkeypatch.setenv("SSLKEYLOGFILE", "/no/such/folder/keys")
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    monkeypatch.setenv("ALL_PROXY", "socks://proxy.test")
    assert fetch(f"http://media.test:{port}/video", tmp_path) == BODY
    with pytest.raises(MediaError, match="The reference video cannot be fetched: SSL_CERT_FILE names"):
        fetch(f"https://media.test:{port}/video", tmp_path)


REFUSED = [
    ("missing", "media.test answered 404 when asked for the reference video."),
    ("circle", "The reference video's address leads in circles: more than 5 redirects."),
    ("elsewhere", "The reference video's address must begin with https:// or http://."),
    ("packed", "media.test sent the reference video compressed (gzip, gzip), which was not asked for."),
    ("half", "The reference video broke off at media.test"),
]


@pytest.mark.parametrize(("path", "said"), REFUSED)
def test_failures_are_explained(path: str, said: str, port: int, tmp_path: Path) -> None:
    """Each failure has its own sentence, about the video and not about a library."""
    with pytest.raises(MediaError) as refusal:
        fetch(f"http://media.test:{port}/{path}", tmp_path)
    assert str(refusal.value).startswith(said)


def test_impossible_port_is_refused(tmp_path: Path) -> None:
    """A port beyond the last one is no defect of the service, but of the address."""
    with pytest.raises(MediaError, match="no valid URL"):
        fetch("http://media.test:99999/video", tmp_path)


@pytest.mark.parametrize("path", ["video", "unannounced"])
def test_large_files_are_refused(path: str, port: int, tmp_path: Path) -> None:
    """The limit holds for the announced length and for what really comes."""
    with pytest.raises(MediaError, match="larger than"):
        fetch(f"http://media.test:{port}/{path}", tmp_path, max_bytes=len(BODY) - 1)


def test_silent_server_is_given_up(port: int, tmp_path: Path) -> None:
    """The whole fetch has a time limit, however the server spends it."""
    with pytest.raises(MediaError, match=r"did not arrive within 0\.3 seconds"):
        fetch(f"http://media.test:{port}/trickle", tmp_path, max_seconds=0.3)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255",
     "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1",
     "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "100::1", "2001::1", "2001:2::1", "2001:db8::1",
     "3ffe::1", "3fff::1", "5f00::1", "4000::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1",
     "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1",
     "2606:2800::5efe:10.0.0.1", "2606:2800::200:5efe:127.0.0.1"],
)  # fmt: skip
def test_private_addresses_are_recognised(address: str) -> None:
    """This machine, its network, a cloud's metadata, whatever IANA sets aside, and the same within IPv6 are private."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_are_recognised(address: str) -> None:
    """The internet at large may be asked."""
    assert is_public(address)


def test_private_hosts_are_refused(port: int, tmp_path: Path) -> None:
    """What counts is the address behind a name, not the name; the message says what to do instead."""
    with pytest.raises(MediaError, match="points into a private network") as refusal:
        fetch(f"http://media.test:{port}/video", tmp_path, allow_private=False)
    assert str(refusal.value).endswith("Send the file itself, or start the service with --allow-private.")


def test_redirects_inward_are_refused(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public server cannot send the service to a private one."""
    monkeypatch.setattr("wan_notebook.preview.server.fetch.is_public", lambda address: address == "127.0.0.1")

    async def resolve(host: str, _port: int) -> list[str]:
        return ["10.0.0.1"] if host == "inward.test" else ["127.0.0.1"]

    with pytest.raises(MediaError, match=r"points into a private network \(inward\.test\)"):
        fetch(f"http://media.test:{port}/inward", tmp_path, allow_private=False, resolve=resolve)


def test_a_name_is_resolved_once(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that was checked is the one that is asked: a second answer of the name server changes nothing."""
    monkeypatch.setattr("wan_notebook.preview.server.fetch.is_public", lambda address: address == "127.0.0.1")
    answers = iter([["127.0.0.1"]])

    async def resolve(_host: str, _port: int) -> list[str]:
        return next(answers)

    assert fetch(f"http://rebound.test:{port}/video", tmp_path, allow_private=False, resolve=resolve) == BODY


def test_the_next_address_is_tried(port: int, tmp_path: Path) -> None:
    """A host with several addresses is reached by the first that works."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["::1", "127.0.0.1"]

    assert fetch(f"http://media.test:{port}/video", tmp_path, resolve=resolve) == BODY


@pytest.mark.parametrize(
    "url", ["http://", "https:///a", "http://exa mple", "https://xn--/", "http://a:99999/", "ftp://a/b", "http://[::1"]
)
def test_invalid_addresses_are_refused(url: str, tmp_path: Path) -> None:
    """Nothing odd in an address gets past as anything but a MediaError."""

    async def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(MediaError):
        fetch(url, tmp_path, resolve=nowhere)
