"""Inputs that are none: each ends its job with a plain message, and the service lives on."""

import asyncio
import io
import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from wan_notebook.model.protocol import GENERATIONS
from wan_notebook.preview.server.app import PREVIEW

from support.media import Drawn, data_uri, reference
from support.services import MODEL, app_of, client_of, submitted

pytestmark = pytest.mark.slow


def huge() -> bytes:
    kept = io.BytesIO()
    Image.new("L", (10_000, 10_000), 90).save(kept, "PNG", compress_level=1)
    return kept.getvalue()


def filmed(folder: Path, size: str, *, frames: int = 2, gap: int = 1, pixel_aspect: int = 1) -> bytes:
    """A video of black frames, `gap` tenths of a second apart; from the second on they are one packet over and over."""
    path = folder / "trap.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height = map(int, size.split("x"))
        stream.pix_fmt, stream.codec_context.sample_aspect_ratio = "yuv420p", Fraction(pixel_aspect)
        black = [av.VideoFrame(stream.width, stream.height, "yuv420p") for _ in range(min(2, frames))]
        encoded = [*itertools.chain.from_iterable(map(stream.encode, black)), *stream.encode()]
        for number in range(frames):
            packet = av.Packet(bytes(encoded[min(1, number)]))
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 10), number == 0
            packet.pts = packet.dts = number * gap
            container.mux(packet)
    return path.read_bytes()


TRAPS: dict[str, tuple[Callable[[bytes, bytes, Path], tuple[bytes, bytes]], str]] = {
    "one frame": (lambda image, _video, folder: (image, reference(folder, 1)), "holds a single frame"),
    "truncated": (lambda image, video, _: (image, video[: len(video) // 2]), "is cut short"),
    "truncated before its index": (lambda image, video, _: (image, video[:300]), "Was it copied whole"),
    "a picture renamed .mp4": (lambda image, _video, _folder: (image, image), "it is damaged, cut short, or no video"),
    "a video renamed .png": (lambda _image, video, _: (video, video), "an MP4 video that cannot be read here"),
    "frames of 36 megapixels": (
        lambda image, _, folder: (image, filmed(folder, "8192x4400", frames=1)),
        "Scale it down",
    ),
    "pixels of 20 to 1": (lambda image, _, folder: (image, filmed(folder, "64x48", pixel_aspect=20)), "no camera"),
    "an hour": (lambda image, _, folder: (image, filmed(folder, "64x48", gap=36_000)), "lasts 3,600 s"),
    "30,000 frames": (lambda image, _, folder: (image, filmed(folder, "16x16", frames=30_000)), "30,000 frames"),
    "10,000 pixels": (lambda _image, video, _: (huge(), video), "10000×10000 pixels; sides up to 8192"),
}


def body(image: bytes, video: bytes) -> dict[str, object]:
    media = {"image_url": data_uri(image, "image/png"), "video_url": data_uri(video, "video/mp4")}
    return {"model": MODEL, "num_inference_steps": 4, **media}


def test_bad_inputs_fail_the_job(drawn: Drawn, tmp_path: Path) -> None:
    """One service takes them all, one after the other, and then a job that is good, in one and the same worker."""
    image, video = drawn.ada.read_bytes(), drawn.glimpse.read_bytes()

    async def scenario() -> None:
        app = app_of(PREVIEW)
        async with client_of(app) as client:
            await submitted(client, body(image, video))
            workers = app.state.jobs.workers.pids
            for name, (trap, message) in TRAPS.items():
                answer = await submitted(client, body(*trap(image, video, tmp_path)))
                assert answer["status"] == "error", name
                assert answer["error"]["name"] == "MediaError", name
                assert message in answer["error"]["message"], name
            answer = await submitted(client, body(image, video))
            assert answer["status"] == "completed"
            assert app.state.jobs.workers.pids == workers
            assert len(workers) == 1

    asyncio.run(scenario())


def test_an_empty_reference_is_refused(drawn: Drawn) -> None:
    """A video of no bytes is none, and is not even taken in."""

    async def scenario() -> None:
        async with client_of(app_of(PREVIEW)) as client:
            answer = await client.post(GENERATIONS, json=body(drawn.ada.read_bytes(), b""))
        assert answer.status_code == 400
        assert "video_url" in answer.json()["message"]

    asyncio.run(scenario())


def test_cancelling_ends_the_engine(drawn: Drawn) -> None:
    """A job in the midst of its work is over once it is cancelled, and its worker stays for the next."""

    async def scenario() -> None:
        app = app_of(PREVIEW)
        async with client_of(app) as client:
            answer = await client.post(GENERATIONS, json=body(drawn.ada.read_bytes(), drawn.speech.read_bytes()))
            job_id = answer.json()["id"]
            while "Measuring" not in answer.json()["meta"]["message"]:
                await asyncio.sleep(0.01)
                answer = await client.get(GENERATIONS, params={"generation_id": job_id})
            workers = app.state.jobs.workers.pids
            answer = await client.delete(GENERATIONS, params={"generation_id": job_id})
            assert answer.json()["error"] == {"name": "Cancelled", "message": "The job was cancelled."}
            assert app.state.jobs.workers.pids == workers

    asyncio.run(scenario())
