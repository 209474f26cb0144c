"""Programs of other people, made for the hosted service: small counterparts of their habits, against ours."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from wan_notebook.model.protocol import BILLING, GENERATIONS, LOGS, METRICS, MODELS, OLDER_GENERATIONS

from support import engines
from support.media import order
from support.services import MODEL, app_of, client_of

PAGE = "https://page.example"


class NoNulls(json.JSONDecoder):
    """Reads JSON into types that know no null, as generated clients do."""

    def decode(self, text: str, *arguments: Any) -> Any:
        if "null" in text:
            raise TypeError(f"null in {text}")
        return super().decode(text, *arguments)


async def clip_of(client: httpx.AsyncClient, body: dict[str, Any], path: str = GENERATIONS) -> dict[str, Any]:
    """Submit and poll as the vendor's example does, reading each answer without nulls; return the last."""
    job_id = (await client.post(path, json=body)).json(cls=NoNulls)["id"]
    return await polled(lambda: client.get(path, params={"generation_id": job_id}))


async def polled(fetch: Callable[[], Awaitable[httpx.Response]]) -> dict[str, Any]:
    """Fetch until a job has ended, and return the last answer."""
    while True:
        answer = (await fetch()).json(cls=NoNulls)
        if answer["status"] in ("completed", "error"):
            return dict(answer)
        await asyncio.sleep(0)


def test_https_is_insisted_upon(tmp_path: Path) -> None:
    """Behind TLS, a client that takes https addresses alone gets one, whatever host the proxy asks for."""

    async def scenario() -> None:
        async with client_of(app_of(public_url="https://preview.example/wan")) as client:
            url = (await clip_of(client, order(tmp_path)))["video"]["url"]
            assert url.startswith("https://preview.example/wan/files/")
            assert (await client.get(url.removeprefix("https://preview.example/wan"))).content[4:8] == b"ftyp"

    asyncio.run(scenario())


@pytest.mark.parametrize("mood", [20, engines.REFUSE, engines.EXIT])
def test_nothing_is_null(mood: int, tmp_path: Path) -> None:
    """A client that breaks on null reads each answer: of jobs that end well or badly, the log and the catalogue."""

    async def scenario() -> None:
        async with client_of(app_of("support.engines:moody")) as client:
            last = await clip_of(client, order(tmp_path, num_inference_steps=mood))
            assert ("error" in last) == (mood != 20)
            for path in (BILLING, f"{LOGS}?period=24h", f"{MODELS}?include=pricing", METRICS, "/nowhere"):
                (await client.get(path)).json(cls=NoNulls)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", GENERATIONS, {"model": MODEL}), ("GET", f"{GENERATIONS}?generation_id=x", None), ("PUT", LOGS, {})],
)
@pytest.mark.parametrize(
    "message_of", [lambda said: said["error"]["message"], lambda said: said["message"]], ids=["present", "older"]
)
def test_refusals_are_read_either_way(message_of: Callable[[Any], str], method: str, path: str, body: Any) -> None:
    """A client that reads only error.message, and one that reads only message, tell the same reason."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            answer = await client.request(method, path, json=body)
            assert answer.status_code >= 400
            assert len(message_of(answer.json())) > 10

    asyncio.run(scenario())


def test_the_older_path_is_served(tmp_path: Path) -> None:
    """A program on the older path submits, polls and cancels there as on the present one."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            last = await clip_of(client, order(tmp_path), OLDER_GENERATIONS)
            assert last["status"] == "completed"
            again = await client.delete(OLDER_GENERATIONS, params={"generation_id": last["id"]})
            assert again.json()["status"] == "completed"

    asyncio.run(scenario())


class Browser:
    """A page in a browser: it asks before a request that is not simple, and withholds what it may not read."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self._client, self._origin = client, {"Origin": origin}

    async def fetch(self, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
        asked = {
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ",".join(sorted(name.lower() for name in headers)),
        }
        preflight = await self._client.options(path, headers={**self._origin, **asked})
        if not preflight.is_success or not self._may_read(preflight):
            raise PermissionError(f"{method} {path} was not allowed: {preflight.status_code}")
        answer = await self._client.request(method, path, headers={**self._origin, **headers}, **options)
        if not self._may_read(answer):
            raise PermissionError(f"{method} {path} may not be read")
        exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
        visible = [(name, value) for name, value in answer.headers.items() if name in exposed]
        return httpx.Response(answer.status_code, headers=visible, content=answer.content)

    def _may_read(self, answer: httpx.Response) -> bool:
        return answer.headers.get("access-control-allow-origin") in ("*", *self._origin.values())


@pytest.mark.parametrize("allowed", [PAGE, "*"])
def test_pages_may_call(allowed: str, tmp_path: Path) -> None:
    """A page of an allowed origin submits with its key, reads refusals and the tracing headers, and gets the clip."""

    async def scenario() -> None:
        async with client_of(app_of(token="secret", origins=[allowed])) as client:
            page = Browser(client, PAGE)
            head = {"Content-Type": "application/json", "X-Client-Request-Id": "page-1"}
            refused = await page.fetch("POST", GENERATIONS, head, json={})
            assert (refused.status_code, refused.headers["x-client-request-id"]) == (401, "page-1")
            head["Authorization"] = "Bearer secret"
            taken = await page.fetch("POST", GENERATIONS, head, json=order(tmp_path))
            job_id = taken.json()["id"]
            assert taken.headers["x-inference-id"] == job_id
            job = await polled(lambda: page.fetch("GET", f"{GENERATIONS}?generation_id={job_id}", head))
            part = await page.fetch("GET", job["video"]["url"], {"Range": "bytes=4-7"})
            assert part.content == b"ftyp"
            assert part.headers["content-range"].startswith("bytes 4-7/")

    asyncio.run(scenario())


@pytest.mark.parametrize("origins", [[], [PAGE]])
def test_other_pages_may_not_call(origins: list[str]) -> None:
    """A page of any other origin is refused by its browser, and so is every page where none was allowed."""

    async def scenario() -> None:
        async with client_of(app_of(origins=origins)) as client:
            with pytest.raises(PermissionError):
                await Browser(client, "https://evil.example").fetch("GET", MODELS, {"Authorization": "Bearer x"})

    asyncio.run(scenario())
