"""What the service's tests share: two small inputs, and a client in this process."""

import asyncio
import base64
import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from PIL import Image
from starlette.applications import Starlette

from wan_notebook.model.protocol import FINAL_STATUSES, GENERATIONS
from wan_notebook.preview.server.app import create_app
from wan_notebook.video import Writer

MODEL = "alibaba/wan2.2-14b-animate-move"


def picture() -> bytes:
    """A small PNG."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 40)).save(kept, "PNG")
    return kept.getvalue()


def reference(folder: Path, frames: int = 10) -> bytes:
    """A small MP4 whose brightness rises."""
    path = folder / "small.mp4"
    with Writer(path, width=64, height=48, fps=10) as writer:
        for number in range(frames):
            writer.write(np.full((48, 64, 3), 20 * number % 256, np.uint8))
    return path.read_bytes()


def data_uri(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def order(folder: Path, **fields: Any) -> dict[str, Any]:
    """A valid body of a submit."""
    media = {"image_url": data_uri(picture(), "image/png"), "video_url": data_uri(reference(folder), "video/mp4")}
    return {"model": MODEL, **media, **fields}


def app_of(engine: str = "support.engines:mixing", **options: Any) -> Starlette:
    return create_app(engine=engine, **options)


@contextlib.asynccontextmanager
async def client_of(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    """A client in this process; when it is done, so is the service."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://preview.test") as client:
        yield client
    await app.state.jobs.close()


async def finished(client: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    """Fetch a job until it has ended, and return the last answer."""
    while True:
        answer = (await client.get(GENERATIONS, params={"generation_id": job_id})).json()
        if answer["status"] in FINAL_STATUSES:
            return answer
        await asyncio.sleep(0.01)


async def submitted(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """Submit and return the final answer."""
    answer = await client.post(GENERATIONS, json=body)
    assert answer.status_code == 200, answer.text
    return await finished(client, answer.json()["id"])


async def begun(client: httpx.AsyncClient, body: dict[str, Any]) -> str:
    """Submit to `engines.moody`, wait until it has said its first word, and return the id."""
    job_id = (await client.post(GENERATIONS, json=body)).json()["id"]
    while True:
        answer = (await client.get(GENERATIONS, params={"generation_id": job_id})).json()
        if answer["meta"]["message"] == "In a mood":
            return job_id
        await asyncio.sleep(0.01)
