"""What submitting a large video adds to the peak of the process: streamed as the client does, and built in memory."""

import asyncio
import base64
import json
import multiprocessing
import os
import resource
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = (1, 100)
"""Megabytes of the video."""
ANSWER = json.dumps({"id": "bench", "status": "queued"}).encode()


def serve(ready: Any) -> None:
    """Take requests on a loopback port and throw their bodies away."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        left = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while left > 0:
            left -= len(await reader.read(1 << 20))
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n")
        writer.write(b"content-length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER))
        await writer.drain()
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(take, sock=socket.create_server(("127.0.0.1", 0)), limit=1 << 21)
        ready.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def streamed(path: Path, port: int) -> None:
    from wan_notebook.client import Client, Service
    from wan_notebook.model.job import Request

    async def submit() -> None:
        request = Request(image_url="https://example.org/hero.png", video_url=path.as_uri())
        async with Client(Service.at(f"http://127.0.0.1:{port}")) as client:
            await client.submit(request, client_request_id="bench")

    asyncio.run(submit())


def built_in_memory(path: Path, port: int) -> None:
    import httpx

    uri = "data:video/mp4;base64," + base64.b64encode(path.read_bytes()).decode()
    httpx.post(f"http://127.0.0.1:{port}/", json={"video_url": uri}, timeout=120)


def measured(way: Any, path: Path, small: Path, port: int, answers: Any) -> None:
    """Submit a small file first, so that libraries are loaded, then the large one; answer seconds and MB of peak."""
    way(small, port)
    peak, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    way(path, port)
    seconds = time.perf_counter() - start
    answers.put((seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024))


def main() -> None:
    spawn = multiprocessing.get_context("spawn")
    ready, answers = spawn.Queue(), spawn.Queue()
    server = spawn.Process(target=serve, args=(ready,), daemon=True)
    server.start()
    port = ready.get()
    print(f"{'submit of 100 MB':<20}{'took':>9}{'added to the peak':>21}")
    with tempfile.TemporaryDirectory() as folder:
        small, large = (Path(folder, f"{size}.mp4") for size in SIZES)
        for path, size in ((small, SIZES[0]), (large, SIZES[1])):
            with path.open("wb") as file:
                file.writelines(b"\0\0\0\x18ftypisom" + os.urandom(999_988) for _ in range(size))
        for way in (streamed, built_in_memory):
            worker = spawn.Process(target=measured, args=(way, large, small, port, answers))
            worker.start()
            seconds, added = answers.get()
            worker.join()
            print(f"{way.__name__.replace('_', ' '):<20}{seconds:>7.2f} s{added:>18.0f} MB")
    server.terminate()
    print("promised: the client adds at most 32 MB")


if __name__ == "__main__":
    main()
