"""The service's endpoints: jobs, clips, and the account."""

import asyncio
import base64
import io
from pathlib import Path
from typing import Any

import httpx
import pytest

from wan_notebook.model.protocol import BILLING, GENERATIONS, LOGS, METRICS, MODELS
from wan_notebook.preview.server.app import create_app
from wan_notebook.video.read import frames

from support import engines
from support.media import order, picture
from support.services import MODEL, app_of, client_of, finished, submitted


def ask(app: Any, method: str, path: str, **options: Any) -> httpx.Response:
    """One request, for tests that need no more."""

    async def once() -> httpx.Response:
        async with client_of(app) as client:
            return await client.request(method, path, **options)

    return asyncio.run(once())


def test_a_job_becomes_a_clip(tmp_path: Path) -> None:
    """A submit is answered at once with a queued job; a fetch of its id ends in the address of a playing MP4."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            first = (await client.post(GENERATIONS, json=order(tmp_path))).json()
            assert first["status"] == "queued"
            assert first["video"] is None
            last = await finished(client, first["id"])
            assert last["status"] == "completed"
            assert last["error"] is None
            clip = (await client.get(last["video"]["url"])).content
        pictures = list(frames(io.BytesIO(clip)))
        assert len(pictures) == 10
        # The reference brightens by 20 a frame, the picture stays: half of each.
        reds = [float(frame.pixels[..., 0].mean()) for frame in pictures]
        assert reds[0] == pytest.approx(100, abs=6)
        assert reds[9] == pytest.approx(190, abs=6)

    asyncio.run(scenario())


def test_answers_name_engine_and_price(tmp_path: Path) -> None:
    """Each answer says that this is the free preview, and the engine's report about the inputs."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            answer = await submitted(client, order(tmp_path, num_inference_steps=7, points=[[1, 2], [3, 2], [2, 4]]))
        assert answer["engine"] == "preview"
        assert answer["meta"]["usage"] == {"credits_used": 0}
        assert answer["meta"]["progress"] == 1
        report = {"steps": 7, "points": [[1, 2], [3, 2], [2, 4]], "notices": [engines.NOTICE]}
        assert answer["meta"]["preflight"] == report

    asyncio.run(scenario())


def test_plain_base64_is_accepted(tmp_path: Path) -> None:
    """A picture may come as Base64 without the head of a data URI, as the vendor's documentation has it."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            answer = await submitted(client, order(tmp_path, image_url=base64.b64encode(picture()).decode()))
        assert answer["status"] == "completed"

    asyncio.run(scenario())


def test_clips_need_no_token(tmp_path: Path) -> None:
    """Whoever knows a clip's address gets the asked-for bytes of it, typed as MP4; players need both."""

    async def scenario() -> None:
        async with client_of(app_of(token="secret")) as client:
            client.headers["Authorization"] = "Bearer secret"
            url = (await submitted(client, order(tmp_path)))["video"]["url"]
            del client.headers["Authorization"]
            whole = await client.get(url)
            part = await client.get(url, headers={"Range": "bytes=4-7"})
            beyond = await client.get(url, headers={"Range": "bytes=99999999-"})
        assert whole.status_code == 200
        assert whole.headers["content-type"] == "video/mp4"
        assert whole.headers["accept-ranges"] == "bytes"
        assert part.status_code == 206
        assert part.content == b"ftyp"
        assert beyond.status_code == 416

    asyncio.run(scenario())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"model": "wan"}, ("model: Invalid enum value. Expected 'alibaba/wan2.2-14b-animate-move' | "
     "'alibaba/wan2.2-14b-animate-replace', received 'wan'")),
    ({"resolution": "1080p"}, "resolution: Invalid enum value. Expected '480p' | '580p' | '720p', received '1080p'"),
    ({"resolution": 480}, "resolution: Expected '480p' | '580p' | '720p', received number"),
    ({"num_inference_steps": "20"}, "num_inference_steps: Expected number, received string"),
    ({"num_inference_steps": 20.5}, "num_inference_steps: Expected integer, received float"),
    ({"num_inference_steps": 1}, "num_inference_steps: Number must be greater than or equal to 2"),
    ({"shift": 11}, "shift: Number must be less than or equal to 10"),
    ({"shift": None}, "shift: Expected number, received null"),
    ({"enable_safety_checker": 1}, "enable_safety_checker: Expected boolean, received number"),
    ({"video_quality": "best"}, ("video_quality: Invalid enum value. Expected 'low' | 'medium' | 'high' | 'maximum', "
     "received 'best'")),
    ({"image_url": ["a"]}, "image_url: Expected string, received array"),
    ({"image_url": "hero.png"}, ("image_url: Invalid url. Expected an http(s) URL, a Base64 data URI or Base64, "
     "which could not be decoded")),
    ({"video_url": "file:///etc/passwd"}, ("video_url: Invalid url. Expected an http(s) URL, a Base64 data URI or "
     "Base64, which could not be decoded")),
    ({"points": [[1, 2]]}, "points: Expected [[x, y], [x, y], [x, y]]: two eyes and the mouth, in pixels"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "said"), WRONG, ids=[f"{fields}"[:40] for fields, _ in WRONG])
def test_wrong_fields_are_refused(fields: dict[str, Any], said: str, tmp_path: Path) -> None:
    """A body with a wrong field gets 400, and the message says what was expected and what came."""
    answer = ask(app_of(), "POST", GENERATIONS, json=order(tmp_path, **fields))
    assert answer.status_code == 400
    assert answer.json()["message"] == f"Body validation error: {said}"


def test_missing_fields_are_all_named() -> None:
    """The answer to an empty body lists all three fields that a submit requires."""
    answer = ask(app_of(), "POST", GENERATIONS, json={})
    said = "Body validation error: model: Required; image_url: Required; video_url: Required"
    assert answer.json()["message"] == said


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'{"model": NaN', b"null", b"[" * 5000])
def test_body_must_be_an_object(body: bytes) -> None:
    """What is no JSON object gets 400, never 500."""
    answer = ask(app_of(), "POST", GENERATIONS, content=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "Body validation error: Expected a JSON object"


def test_errors_have_the_vendors_form() -> None:
    """The body of an error has exactly the five fields of the protocol, and its id is the header's."""
    answer = ask(app_of(), "GET", GENERATIONS, params={"generation_id": "nobody"})
    said = answer.json()
    assert answer.status_code == said["statusCode"] == 404
    assert sorted(said) == ["message", "path", "requestId", "statusCode", "timestamp"]
    assert said["path"] == GENERATIONS
    assert said["requestId"] == answer.headers["x-request-id"]
    assert said["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", GENERATIONS, 400),
        ("PUT", GENERATIONS, 405),
        ("GET", "/v2/nothing", 404),
        ("GET", "/files/guessed.mp4", 404),
        ("GET", LOGS, 400),
        ("GET", f"{LOGS}?period=soon", 400),
        ("GET", f"{LOGS}?period=1d&limit=0", 400),
        ("GET", f"{METRICS}?model=x", 400),
    ],
)
def test_unknown_paths_are_refused(method: str, path: str, status: int) -> None:
    """Other paths, methods and queries get their 4xx with a body of the protocol's form."""
    answer = ask(app_of(), method, path)
    assert answer.status_code == answer.json()["statusCode"] == status


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "secret", "Basic secret", "Bearer ", "Bearer sécret"])
def test_requests_need_the_token(authorization: str | None) -> None:
    """A missing or wrong token gets 401 on each path that deals with jobs or the account."""
    headers = {"Authorization": authorization.encode()} if authorization else {}
    for method, path in [("POST", GENERATIONS), ("GET", GENERATIONS), ("DELETE", GENERATIONS), ("GET", LOGS)]:
        answer = ask(app_of(token="secret"), method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_the_right_token_opens() -> None:
    """With the token, and whatever the case of the scheme's name, the account answers."""
    for scheme in ("Bearer", "bearer"):
        assert ask(app_of(token="secret"), "GET", BILLING, headers={"Authorization": f"{scheme} secret"}).is_success


@pytest.mark.parametrize("size", [50_001, 100_001])
def test_a_large_body_is_refused(size: int) -> None:
    """Both a Content-Length and the bytes that really come count against the limit, with 413."""

    async def unannounced() -> Any:
        for start in range(0, size, 1000):
            yield b" " * min(1000, size - start)

    announced = ask(app_of(max_body=50_000), "POST", GENERATIONS, content=b" " * size)
    streamed = ask(app_of(max_body=50_000), "POST", GENERATIONS, content=unannounced())
    assert (announced.status_code, streamed.status_code) == (413, 413)


def test_a_full_queue_refuses(tmp_path: Path) -> None:
    """One unfinished job too many gets 429 with Retry-After; when one has ended, the next is taken."""

    async def scenario() -> None:
        body = order(tmp_path, num_inference_steps=engines.OBEY)
        async with client_of(app_of("support.engines:moody", capacity=2)) as client:
            taken = [(await client.post(GENERATIONS, json=body)).json()["id"] for _ in range(2)]
            refused = await client.post(GENERATIONS, json=body)
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "5"
            await client.delete(GENERATIONS, params={"generation_id": taken[0]})
            assert (await client.post(GENERATIONS, json=body)).status_code == 200

    asyncio.run(scenario())


def test_the_log_lists_client_ids(tmp_path: Path) -> None:
    """What a client called its submit stands in the log with the job's id, newest first, a page at a time."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            ids = [
                (await client.post(GENERATIONS, json=order(tmp_path), headers={"X-Client-Request-Id": name})).json()[
                    "id"
                ]
                for name in ("first", "second", "not allowed!")
            ]
            page = (await client.get(LOGS, params={"period": "24h", "limit": 2, "offset": 1})).json()
        assert [row["client_request_id"] for row in page["data"]] == ["second", "first"]
        assert [row["inference_id"] for row in page["data"]] == [ids[1], ids[0]]
        assert page["data"][0]["cost"] == {"usd": 0, "credits": 0}
        assert page["pagination"] == {"limit": 2, "offset": 1, "total": 3, "has_more": False}

    asyncio.run(scenario())


def test_headers_name_job_and_price(tmp_path: Path) -> None:
    """Submit and fetch carry the vendor's tracing headers."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            answer = await client.post(GENERATIONS, json=order(tmp_path))
        assert answer.headers["x-inference-id"] == answer.json()["id"]
        assert answer.headers["x-aimlapi-credits-used"] == "0"

    asyncio.run(scenario())


def test_balance_and_price_are_zero() -> None:
    """Balance and price are both zero."""
    assert ask(app_of(), "GET", BILLING).json() == {"current_balance": 0, "currency": "USD"}
    listed = ask(app_of(), "GET", MODELS, params={"id": MODEL, "include": "pricing"}).json()["data"]
    assert [model["id"] for model in listed] == [MODEL]
    assert listed[0]["pricing"] == {"kind": "fixed", "units": [{"unit": "second", "per": 1, "price": 0}]}


def test_metrics_list_durations(tmp_path: Path) -> None:
    """A model appears with its percentiles once a job of it has completed, and not before."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            before = (await client.get(METRICS, params={"aliases": MODEL})).json()
            await submitted(client, order(tmp_path))
            after = (await client.get(METRICS, params={"aliases": MODEL})).json()
        assert before["models"] == []
        assert [entry["alias"] for entry in after["models"]] == [MODEL]
        assert sorted(after["models"][0]["metrics"]["duration_ms"]) == ["p50", "p75", "p90", "p99"]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:8800", 200), ("LOCALHOST", 200), ("evil.example", 400), ("10.0.0.7", 400), ("", 400), ("[::1", 400)],
)
def test_strange_host_names_are_refused(host: str, status: int) -> None:
    """A web page that points its own name at this machine does not reach the service."""
    app = app_of(hosts={"localhost", "127.0.0.1"})
    assert ask(app, "GET", MODELS, headers={"Host": host}).status_code == status


def test_private_addresses_fail_the_job(tmp_path: Path) -> None:
    """A job whose video lies on this machine's network ends with a message that says what to do."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            answer = await submitted(client, order(tmp_path, video_url="http://127.0.0.1:9/dance.mp4"))
        assert answer["status"] == "error"
        assert answer["error"]["name"] == "MediaError"
        assert answer["error"]["message"].startswith("The reference video's address points into a private network")

    asyncio.run(scenario())


def test_no_files_are_left(tmp_path: Path) -> None:
    """Inputs go when their job is done, whatever became of it, and all files when the service ends."""

    async def scenario() -> None:
        app = app_of()
        async with client_of(app) as client:
            await client.post(GENERATIONS, json={"model": "wan"})
            answer = await submitted(client, order(tmp_path))
            clip = answer["video"]["url"].rpartition("/")[2]
            assert sorted(path.name for path in app.state.jobs.folder.iterdir()) == sorted([clip, "worker.log"])
        assert not app.state.jobs.folder.exists()

    asyncio.run(scenario())


def test_an_unused_app_starts_nothing() -> None:
    """Making the app is cheap: the worker comes with the first submit."""
    assert create_app().state.jobs.worker.pid is None
