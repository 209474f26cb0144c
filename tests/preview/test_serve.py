"""The service on a port, asked by clients that know nothing of this package."""

import contextlib
import functools
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests

import wan_notebook as wan
from wan_notebook.errors import WanError
from wan_notebook.model.protocol import BILLING, GENERATIONS, MODELS
from wan_notebook.preview.server.serve import _listen, greeting, run, web_address
from wan_notebook.video.probe import probe

from support.media import picture, reference

CLIENTS = Path(__file__).parents[1] / "support" / "vendor_clients"
TOKEN = "a-classroom-token"

pytestmark = pytest.mark.systems("linux", "darwin")  # a service is ended by a signal


class Served:
    """A service in a process of its own."""

    def __init__(self, *options: str, files: int | None = None, **environment: str) -> None:
        program = "import sys; from wan_notebook.cli.main import main; sys.exit(main())"
        if files is not None:
            program = f"import resource as r; r.setrlimit(r.RLIMIT_NOFILE, ({files}, {files})); {program}"
        command = [sys.executable, "-c", program, "serve", "--port", "0", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )
        assert self.process.stdout is not None
        self.said = "".join(self.process.stdout.readline() for _ in range(3))
        self.url = re.findall(r"http://\S+", self.said)[0]

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.complaints = self.process.communicate(timeout=30)[1]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with Served("--allow-private", WAN_NOTEBOOK_TOKEN=TOKEN) as service:
        yield service


def test_greeting_can_be_pasted() -> None:
    """The line for Python makes the service as it stands; with a token that somebody chose, it names none."""
    with Served() as service:
        line = service.said.splitlines()[2].partition(":")[2].strip()
        own = eval(line, {"wan": wan})
        assert (own.base_url, own.paid) == (service.url, False)
        key = own.key.reveal()
        assert requests.get(f"{own.base_url}{BILLING}", headers={"Authorization": f"Bearer {key}"}, timeout=30).ok
    public = greeting("http://127.0.0.1:1", web_address("https://preview.example.com/wan", "--public-url"), None)
    assert 'wan.Service.at("https://preview.example.com/wan", token, paid=False)' in public


def test_page_says_it_works(served: Served) -> None:
    """A browser at the service's address sees that it works, and no token; nothing of the address is repeated."""
    page = requests.get(f"{served.url}/?<script>alert(1)</script>", timeout=30)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "It works" in page.text
    assert TOKEN not in page.text
    assert "alert" not in page.text
    assert "script" not in page.headers["content-security-policy"]


@pytest.fixture
def media(tmp_path: Path) -> Iterator[str]:
    """The address of a web server with a picture and a video."""
    (tmp_path / "hero.png").write_bytes(picture())
    (tmp_path / "dance.mp4").write_bytes(reference(tmp_path))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def node() -> str:
    found = shutil.which("node")
    assert found, "This test needs Node.js: apt-get install nodejs, or see https://nodejs.org"
    return found


@pytest.mark.parametrize(
    "client",
    [lambda: [sys.executable, str(CLIENTS / "example.py")], lambda: [node(), str(CLIENTS / "example.mjs")]],
    ids=["requests", "node"],
)
def test_vendor_clients_get_a_clip(client: Callable[[], list[str]], served: Served, media: str, tmp_path: Path) -> None:
    """Only the base address, the key and the media's addresses differ from what the vendor documents."""
    addresses = [served.url, TOKEN, f"{media}/hero.png", f"{media}/dance.mp4", "0.2"]
    printed = subprocess.run([*client(), *addresses], capture_output=True, text=True, timeout=120, check=True).stdout
    assert "Processing complete" in printed
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(requests.get(re.findall(rf"{served.url}/files/[\w-]+\.mp4", printed)[0], timeout=10).content)
    assert probe(clip).frames == 10
    assert probe(clip).codec == "h264"


def test_strangers_are_refused(served: Served) -> None:
    """Without the token, or under a name that is not the service's, nothing is answered."""
    jobs = f"{served.url}{GENERATIONS}"
    assert requests.post(jobs, json={}, timeout=10).status_code == 401
    assert requests.get(f"{served.url}{MODELS}", headers={"Host": "evil.example"}, timeout=10).status_code == 400


def submit_head(port: int, length: int) -> bytes:
    """The beginning of a submit of so many bytes."""
    lines = [
        f"POST {GENERATIONS} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Authorization: Bearer {TOKEN}",
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def test_an_announced_size_is_refused(served: Served) -> None:
    """An announced length beyond the limit gets 413 without a byte of the body."""
    port = int(served.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(submit_head(port, 5_000_000_000))
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_a_large_submit_is_answered(served: Served) -> None:
    """A client that sends all of it before it listens hears 413, and not a broken connection."""
    jobs, headers = f"{served.url}{GENERATIONS}", {"Authorization": f"Bearer {TOKEN}"}
    body = (b" " * 1_000_000 for _ in range(301))
    assert requests.post(jobs, data=body, headers=headers, timeout=60).status_code == 413


def test_a_broken_submit_disturbs_nothing() -> None:
    """A client that goes away in the midst of sending disturbs neither the service nor its terminal."""
    with Served(WAN_NOTEBOOK_TOKEN=TOKEN) as service:
        port = int(service.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(submit_head(port, 1000) + b'{"model": "')
        assert requests.get(f"{service.url}{MODELS}", timeout=10).status_code == 200
    assert service.complaints == ""


def test_token_is_made_and_printed() -> None:
    """The person who starts the service reads the address and the key; one chosen by them is not repeated."""
    with Served() as service:
        token = re.findall(r"Key for clients: +(\S{20,})", service.said)[0]
        headers = {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{service.url}{BILLING}", headers=headers, timeout=10).json()["current_balance"] == 0
        assert requests.get(f"{service.url}{BILLING}", timeout=10).status_code == 401


def test_chosen_token_is_not_repeated(served: Served) -> None:
    """What the person chose they know; it does not stand in a terminal that others may see."""
    assert TOKEN not in served.said


def test_token_comes_from_a_file(tmp_path: Path) -> None:
    """A token that no list of processes shows is taken from a file, and not printed."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with Served("--token-file", str(tmp_path / "token")) as service:
        assert TOKEN not in service.said
        assert TOKEN not in " ".join(psutil.Process(service.process.pid).cmdline())
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert requests.get(f"{service.url}{BILLING}", headers=headers, timeout=10).status_code == 200


@pytest.mark.slow
def test_silent_connections_stop_nothing() -> None:
    """More connections that say nothing than files may be open are closed again, oldest first; others are served."""
    with Served(files=400) as service, contextlib.ExitStack() as silent:
        port = int(service.url.rpartition(":")[2])
        crowd = [silent.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(600)]
        assert requests.get(f"{service.url}{MODELS}", timeout=30).status_code == 200
        with contextlib.suppress(ConnectionResetError):
            assert crowd[0].recv(1) == b""
    assert service.complaints == ""


def test_public_address_is_served() -> None:
    """Behind a proxy with TLS, the name of the public address is answered to, and pages of an origin may call."""
    options = ["--public-url", "https://preview.example/wan/", "--cors", "https://page.example"]
    with Served(*options) as service:
        public = {"Host": "preview.example", "Origin": "https://page.example"}
        answer = requests.get(f"{service.url}{MODELS}", headers=public, timeout=10)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://page.example"
        assert "https://preview.example/wan" in service.said
        slash = requests.get(f"{service.url}{MODELS}/", headers=public, timeout=10, allow_redirects=False)
        assert slash.json() == answer.json(), "a redirect would lead out of TLS"


def test_addresses_read_as_browsers_write() -> None:
    """A host in another script, in capitals or with the usual port is the one that browsers name."""
    assert web_address("https://Bücher.Example:443/wan/", "--cors").geturl() == "https://xn--bcher-kva.example/wan"
    assert web_address("http://[::1]:8800", "--cors").geturl() == "http://[::1]:8800"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"public_url": "preview.example"}, "--public-url is 'preview.example', and should read as https://"),
        ({"public_url": "https://a:b@preview.example"}, "--public-url is"),
        ({"public_url": "https://exa mple.com"}, "--public-url is"),
        ({"public_url": "https://x..y"}, "--public-url is"),
        ({"public_url": 'https://x/"><b>'}, "--public-url is"),
        ({"cors": ["page.example"]}, "--cors is 'page.example'"),
        ({"token": "two words"}, "a character which no header can carry"),
        ({"token": "wan"}, "one of fewer than 16 characters can be guessed"),
        ({"token_file": Path("no such file")}, "The token cannot be read from no such file"),
        ({"token_file": Path(os.devnull)}, "is empty: write the token"),
    ],
)
def test_unusable_options_are_explained(options: dict[str, Any], said: str) -> None:
    """An option that cannot be used is told before the port is opened."""
    with pytest.raises(WanError, match=re.escape(said)):
        run(port=0, **options)


def test_an_interrupt_ends_everything(media: str) -> None:
    """Nothing goes on after an interrupt, even in the midst of a job that somebody waits for, and nothing is said."""
    with Served("--allow-private", WAN_NOTEBOOK_TOKEN=TOKEN) as service:
        body = {
            "model": "alibaba/wan2.2-14b-animate-move",
            "image_url": f"{media}/hero.png",
            "video_url": f"{media}/dance.mp4",
        }
        headers = {"Authorization": f"Bearer {TOKEN}"}
        job = requests.post(f"{service.url}{GENERATIONS}", json=body, headers=headers, timeout=10).json()
        request = f"GET {GENERATIONS}?generation_id={job['id']} HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=20\r\n"
        waiting = socket.create_connection(("127.0.0.1", urlsplit(service.url).port or 0))
        waiting.sendall(f"{request}Authorization: Bearer {TOKEN}\r\n\r\n".encode())
        processes = [psutil.Process(service.process.pid), *psutil.Process(service.process.pid).children()]
    assert (service.process.returncode, service.complaints) == (0, "")
    assert len(processes) == 2
    assert psutil.wait_procs(processes, timeout=10)[1] == []
    waiting.close()


def test_answers_leave_at_once() -> None:
    """No part of an answer waits until the part before it was acknowledged."""
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.com"])
def test_other_machines_need_a_token(host: str) -> None:
    """Listening beyond this machine is refused until somebody has thought of a token."""
    with pytest.raises(WanError, match="choose a token for them with --token"):
        run(host=host)


def test_a_taken_port_is_explained(served: Served) -> None:
    """A port in use gives one sentence with a remedy."""
    port = int(served.url.rpartition(":")[2])
    with pytest.raises(WanError, match=f"127.0.0.1 port {port} cannot be used .* Choose another with --port"):
        run(port=port)
