"""Inputs that are none: each ends its job with a plain message, and the service lives on."""

import asyncio
import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from wan_notebook.model.protocol import GENERATIONS

from support.media import Drawn, data_uri, reference
from support.services import MODEL, app_of, client_of, submitted

pytestmark = pytest.mark.slow

ENGINE = "wan_notebook.preview.engine:run"


def huge() -> bytes:
    kept = io.BytesIO()
    Image.new("L", (10_000, 10_000), 90).save(kept, "PNG")
    return kept.getvalue()


def filmed(folder: Path, size: str, *, frames: int = 2, gap: int = 1, pixel_aspect: int = 1) -> bytes:
    """A video of black frames, `gap` tenths of a second apart."""
    path = folder / "trap.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height = map(int, size.split("x"))
        stream.pix_fmt, stream.codec_context.sample_aspect_ratio = "yuv420p", Fraction(pixel_aspect)
        for number in range(frames):
            frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
            frame.pts, frame.time_base = number * gap, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


TRAPS: dict[str, tuple[Callable[[bytes, bytes, Path], tuple[bytes, bytes]], str]] = {
    "one frame": (lambda image, _video, folder: (image, reference(folder, 1)), "holds a single frame"),
    "truncated": (lambda image, video, _: (image, video[: len(video) // 2]), "is cut short"),
    "truncated before its index": (lambda image, video, _: (image, video[:300]), "Was it copied whole"),
    "a picture renamed .mp4": (lambda image, _video, _folder: (image, image), "it is damaged, cut short, or no video"),
    "a video renamed .png": (lambda _image, video, _: (video, video), "an MP4 video that cannot be read here"),
    "frames of 36 megapixels": (lambda image, _, folder: (image, filmed(folder, "8192x4400")), "Scale it down"),
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
        app = app_of(ENGINE)
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
        async with client_of(app_of(ENGINE)) as client:
            answer = await client.post(GENERATIONS, json=body(drawn.ada.read_bytes(), b""))
        assert answer.status_code == 400
        assert "video_url" in answer.json()["message"]

    asyncio.run(scenario())


def test_cancelling_ends_the_engine(drawn: Drawn) -> None:
    """A job in the midst of its work is over once it is cancelled, and its worker stays for the next."""

    async def scenario() -> None:
        app = app_of(ENGINE)
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
