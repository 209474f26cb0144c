"""What the embedded service costs: the memory of a large submit, and the time until a job begins."""

import asyncio
import base64
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from wan_notebook.model.protocol import GENERATIONS
from wan_notebook.preview.server.app import create_app
from wan_notebook.video.write import Writer

_MEGABYTES = 100
_PIECE = 3 * 64 * 1024


def body(megabytes: int) -> Iterator[bytes]:
    """A submit with a video of so many megabytes, as a client that streams would send it."""
    yield b'{"model": "alibaba/wan2.2-14b-animate-move", "image_url": "aGVsbG8=", "video_url": "data:video/mp4;base64,'
    piece = base64.b64encode(bytes(range(256)) * (_PIECE // 256))
    for _ in range(megabytes * 1_000_000 // _PIECE):
        yield piece
    yield b'"}'


async def _take(megabytes: int) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for piece in body(megabytes):
            yield piece

    app = create_app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://preview.test") as client:
        await client.post(GENERATIONS, json={})
        before, start = _peak(), time.perf_counter()
        (await client.post(GENERATIONS, content=stream(), timeout=None)).raise_for_status()
        _tell("a submit of 100 MB, streamed", _peak() - before, time.perf_counter() - start)
    await app.state.jobs.close()


def _parse() -> None:
    """What the usual way costs: collect the body, then parse it and decode."""
    before, start = _peak(), time.perf_counter()
    whole = b"".join(body(_MEGABYTES))
    base64.b64decode(json.loads(whole)["video_url"].partition(",")[2])
    _tell("… collected, parsed, decoded", _peak() - before, time.perf_counter() - start)


def _peak() -> float:
    """The largest size this process has had so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _tell(what: str, megabytes: float, seconds: float) -> None:
    print(f"{what:34} {megabytes:8.0f} MB more at the peak {seconds:7.2f} s", flush=True)


async def _begin() -> None:
    with tempfile.TemporaryDirectory() as folder:
        order = _order(Path(folder))
        app = create_app()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://preview.test") as client:
            for name in ("first", "second"):
                first_word, end = await _follow(client, order)
                print(f"{name} job: the engine's first word after {first_word:5.2f} s, the clip after {end:5.2f} s")
        await app.state.jobs.close()


async def _follow(client: httpx.AsyncClient, order: dict[str, str]) -> tuple[float, float]:
    start, first_word = time.perf_counter(), 0.0
    answer = (await client.post(GENERATIONS, json=order)).json()
    while answer["status"] in ("queued", "generating"):
        await asyncio.sleep(0.01)
        answer = (await client.get(GENERATIONS, params={"generation_id": answer["id"]})).json()
        if not first_word and answer["meta"]["message"] not in ("", "Starting the engine"):
            first_word = time.perf_counter() - start
    assert answer["status"] == "completed", answer
    return first_word, time.perf_counter() - start


def _order(folder: Path) -> dict[str, str]:
    Image.linear_gradient("L").convert("RGB").save(folder / "hero.png")
    frames = [Image.radial_gradient("L").rotate(9 * turn).convert("RGB") for turn in range(25)]
    with Writer(folder / "dance.mp4", width=256, height=256, fps=25) as writer:
        for frame in frames:
            writer.write(np.asarray(frame))
    media = {name: base64.b64encode((folder / file).read_bytes()).decode() for name, file in _FILES.items()}
    return {"model": "alibaba/wan2.2-14b-animate-move", **media}


_FILES = {"image_url": "hero.png", "video_url": "dance.mp4"}


def main() -> None:
    """Print a small table; each measure of memory is taken in a process of its own."""
    for part in ("take", "parse"):
        subprocess.run([sys.executable, __file__, part], check=True)
    asyncio.run(_begin())


if __name__ == "__main__":
    parts = {"take": lambda: asyncio.run(_take(_MEGABYTES)), "parse": _parse}
    parts.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
