"""The peers as their own pages say to use them, each in a thread per job, and a loop of thirty lines as the limit.

Usage: python clients.py NAME BASE COUNT AT_ONCE FOLDER. Runs in a virtual environment that has the peers; prints what
it took as JSON. BASE has a host name that is not loopback's, and is found on this machine all the same.
"""

import asyncio
import json
import resource
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MODEL = "alibaba/wan2.2-14b-animate-move"
INPUTS = {"image_url": "https://example.com/hero.png", "video_url": "https://example.com/dance.mp4"}

Client = Callable[[], bytes]
"""Makes one clip: submits a job, waits for it, and returns the clip."""


def on_this_machine() -> None:
    """Find every host name on this machine, so that no client knows that the service is near."""
    found = socket.getaddrinfo

    def nearby(_host: Any, *arguments: Any, **options: Any) -> Any:
        return found("127.0.0.1", *arguments, **options)

    socket.getaddrinfo = nearby  # type: ignore[assignment]


def example(base: str) -> Client:
    """The vendor's documented program: a poll every ten seconds."""
    import requests

    def make() -> bytes:
        address = f"{base}/v2/video/generations"
        job = requests.post(address, json={"model": MODEL, **INPUTS}).json()
        while True:
            answer = requests.get(address, params={"generation_id": job["id"]}).json()
            if answer["status"] not in ("queued", "generating"):
                return requests.get(answer["video"]["url"]).content
            time.sleep(10)

    return make


def aimlapi(base: str) -> Client:
    from aimlapi import AIMLAPI

    client = AIMLAPI(api_key="none", base_url=base)
    return lambda: client.videos.generate_with_polling(model=MODEL, prompt="", extra_body=INPUTS, return_bytes=True)


def replicate(base: str) -> Client:
    import httpx
    from replicate import Client as Replicate

    client = Replicate(api_token="none", base_url=base)
    return lambda: httpx.get(client.run("wan/animate:1", input=INPUTS, use_file_output=False)).content


def fal(base: str) -> Client:
    import fal_client
    import httpx

    fal_client.client.QUEUE_URL_FORMAT = f"{base}/"  # it takes another host from the environment, but always by HTTPS
    client = fal_client.SyncClient(key="none")
    return lambda: httpx.get(client.subscribe("fal-ai/wan", INPUTS)["video"]["url"]).content


def runway(base: str) -> Client:
    import httpx
    from runwayml import RunwayML

    client = RunwayML(api_key="none", base_url=base)

    def make() -> bytes:
        asked = {"model": "gen4_turbo", "prompt_image": INPUTS["image_url"], "ratio": "1280:720", "duration": 5}
        task = client.image_to_video.create(**asked).wait_for_task_output()
        return httpx.get(task.output[0]).content

    return make


def openai(base: str) -> Client:
    from openai import OpenAI

    client = OpenAI(api_key="none", base_url=f"{base}/v1")

    def make() -> bytes:
        video = client.videos.create_and_poll(model="sora-2", prompt="a dance")
        return client.videos.download_content(video.id).read()

    return make


IN_THREADS: dict[str, Callable[[str], Client]] = {
    "vendor's example": example,
    "aimlapi-sdk-python": aimlapi,
    "replicate": replicate,
    "fal-client": fal,
    "runwayml": runway,
    "openai": openai,
}


def every_second(base: str) -> Callable[[Path], Awaitable[None]]:
    """Return a coroutine function that makes a clip, polling every second; no journal, no checks, no retries."""
    import httpx

    client, address = httpx.AsyncClient(), f"{base}/v2/video/generations"

    async def make(path: Path) -> None:
        job = (await client.post(address, json={"model": MODEL, **INPUTS})).json()
        while job["status"] != "completed":
            await asyncio.sleep(1)
            job = (await client.get(address, params={"generation_id": job["id"]})).json()
        path.write_bytes((await client.get(job["video"]["url"])).content)  # noqa: ASYNC240 - thirty lines do no more

    return make


async def in_loop(make: Callable[[Path], Awaitable[None]], paths: list[Path], at_once: int) -> None:
    """Make so many clips at once; what fails is left out."""
    places = asyncio.Semaphore(at_once)

    async def one(path: Path) -> None:
        async with places:
            await make(path)

    await asyncio.gather(*map(one, paths), return_exceptions=True)


def in_threads(make: Client, paths: list[Path], at_once: int) -> None:
    """Make so many clips at once; what fails is left out."""

    def one(path: Path) -> None:
        path.write_bytes(make())

    with ThreadPoolExecutor(at_once) as pool:
        for future in [pool.submit(one, path) for path in paths]:
            future.exception()


def main() -> None:
    name, base, count, at_once, folder = sys.argv[1:]
    on_this_machine()
    paths = [Path(folder) / f"{number}.mp4" for number in range(int(count))]
    if name in IN_THREADS:
        make = IN_THREADS[name](base)
        began, before = time.perf_counter(), time.process_time()
        in_threads(make, paths, int(at_once))
    else:
        loop = every_second(base)
        began, before = time.perf_counter(), time.process_time()
        asyncio.run(in_loop(loop, paths, int(at_once)))
    took, computing = time.perf_counter() - began, time.process_time() - before
    saved = sum(path.exists() for path in paths)
    json.dump({"seconds": took, "computing": computing, "megabytes": peak(), "saved": saved}, sys.stdout)


def peak() -> float:
    """The most memory that this process has had, in megabytes; on Linux getrusage tells a larger parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
