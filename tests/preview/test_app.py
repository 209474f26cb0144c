"""The service's endpoints: jobs, clips, and the account."""

import asyncio
import base64
import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from wan_notebook.model.family import MODELS as MODELS_OF_FAMILY
from wan_notebook.model.protocol import BILLING, FINAL_STATUSES, GENERATIONS, LOGS, METRICS, MODELS
from wan_notebook.preview.server.app import create_app
from wan_notebook.runtime.event_loop import within
from wan_notebook.video.read import frames

from support import engines
from support.media import order, picture
from support.services import MODEL, answered, app_of, begun, client_of, finished, submitted


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
            assert "video" not in first
            last = await finished(client, first["id"])
            assert last["status"] == "completed"
            assert "error" not in last
            clip = (await client.get(last["video"]["url"])).content
        pictures = list(frames(io.BytesIO(clip)))
        assert len(pictures) == 10
        # The reference brightens by 20 a frame, the picture stays: half of each.
        reds = [float(frame.pixels[..., 0].mean()) for frame in pictures]
        assert reds[0] == pytest.approx(100, abs=6)
        assert reds[9] == pytest.approx(190, abs=6)

    asyncio.run(scenario())


def test_fetches_wait_for_news(tmp_path: Path) -> None:
    """Who prefers to wait is answered when there is news of the job, and of its end as soon as it comes."""

    async def scenario() -> None:
        async with client_of(app := app_of()) as client:
            job = (await client.post(GENERATIONS, json=order(tmp_path))).json()
            seen = [job]
            while seen[-1]["status"] not in FINAL_STATUSES:
                fetch = client.get(
                    GENERATIONS,
                    params={"generation_id": job["id"]},
                    headers={"Prefer": "respond-async, Wait = 30"},
                )
                answer = await fetch
                assert answer.headers["preference-applied"] == "wait"
                seen.append(answer.json())
            assert all(later != earlier for earlier, later in pairwise(seen))
            assert app.state.jobs.find(job["id"]).finished_at is not None

    asyncio.run(scenario())


def test_untold_state_is_news(tmp_path: Path) -> None:
    """A client that says what it was told last is answered soon, also where the change came before its question."""

    async def scenario() -> None:
        async with client_of(app_of("support.engines:moody")) as client:
            told = (await client.post(GENERATIONS, json=order(tmp_path, num_inference_steps=engines.HANG))).json()
            asked = {"generation_id": told["id"], "after": str(told["meta"]["revision"])}
            await answered(client, told["id"], lambda answer: answer["meta"]["message"] == "In a mood")
            late = await within(10, client.get(GENERATIONS, params=asked, headers={"Prefer": "wait=20"}))
            assert late.json()["meta"]["message"] == "In a mood"
            await client.delete(GENERATIONS, params={"generation_id": told["id"]})

    asyncio.run(scenario())


def test_no_news_is_told_in_time(tmp_path: Path) -> None:
    """Where there is no news, the answer comes when the time is over; nobody waits for a job that has ended."""

    async def scenario() -> None:
        async with client_of(app_of("support.engines:moody")) as client:
            job = await begun(client, order(tmp_path, num_inference_steps=engines.HANG))
            asked = {"params": {"generation_id": job}, "headers": {"prefer": "wait=1"}}
            first, second = (await client.get(GENERATIONS, **asked)).json(), await client.get(GENERATIONS, **asked)
            assert first == second.json()
            await client.delete(GENERATIONS, params={"generation_id": job})
            asked["headers"] = {"prefer": "wait=20"}
            ended = await within(5, client.get(GENERATIONS, **asked))
            assert ended.json()["status"] == "error"

    asyncio.run(scenario())


def test_answers_name_engine_and_price(tmp_path: Path) -> None:
    """Each answer says that this is the free preview, and the engine's report about the inputs."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            answer = await submitted(client, order(tmp_path, num_inference_steps=7, points=[[1, 2], [3, 2], [2, 4]]))
        assert answer["engine"] == "preview"
        assert answer["meta"]["usage"] == {"credits_used": 0, "usd_spent": 0}
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
            odd = [
                await client.get(url, headers={"Range": f"bytes={many}"}) for many in ("9" * 5000, f"0-{'9' * 5000}")
            ]
        assert [answer.status_code < 500 for answer in odd] == [True, True]
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
    ({"num_inference_steps": 10**400}, "num_inference_steps: Number must be less than or equal to 40"),
    ({"shift": -(10**400)}, "shift: Number must be greater than or equal to 1"),
    ({"points": [[1, 2], [3, 2], [2, 10**400]]},
     "points: Expected [[x, y], [x, y], [x, y]]: two eyes and the mouth, in pixels"),
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


NO_OBJECTS = [b"", b"[]", b"{", b"\xff\xfe", b'{"model": NaN', b"null", b"[" * 5000]
NO_JSON = [b'{"shift": NaN}', b'{"x": [-Infinity]}', b'{"shift": 1e400}', b'{"x": ' + b"9" * 5000 + b"}"]


@pytest.mark.parametrize("body", [*NO_OBJECTS, *NO_JSON, b'{"a":' * 5000 + b"1" + b"}" * 5000], ids=lambda b: b[:9])
def test_body_must_be_an_object(body: bytes) -> None:
    """What is no JSON object, however deep or large its figures, gets 400, never 500."""
    answer = ask(app_of(), "POST", GENERATIONS, content=body)
    assert answer.status_code == 400
    assert answer.json()["message"] == "Body validation error: Expected a JSON object"


HALF = "\ud800"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        *((json.dumps({name: HALF}), "Expected text, received half a surrogate pair") for name in ("model", HALF)),
        (json.dumps({"image_url": f"https://{HALF}.test"}), "Expected text, received half a surrogate pair"),
        ('{"model": "a", "model": "b"}', "Expected each field once"),
        ('{"extra": {"a": 1, "a": 1}}', "Expected each field once"),
        (f'{{"a": [{"0, " * 400_000}0]}}', "Expected at most 1,000,000 bytes beside the media"),
    ],
)  # fmt: skip
def test_doubtful_bodies_are_refused(body: str, said: str) -> None:
    """Text that cannot be written down, and a field that comes twice, get 400 with the reason."""
    answer = ask(app_of(), "POST", GENERATIONS, content=body.encode())
    assert (answer.status_code, answer.json()["message"]) == (400, f"Body validation error: {said}")


@pytest.mark.parametrize("packing", ["gzip", "gzip, gzip", "br", "unknown"])
def test_compressed_bodies_are_refused(packing: str) -> None:
    """A body that would have to be unpacked gets 415 and the encoding that is taken."""
    answer = ask(app_of(), "POST", GENERATIONS, content=b"{}", headers={"Content-Encoding": packing})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")


def test_errors_have_both_forms() -> None:
    """The body of an error has the fields of the older and of the present form, and its id is the header's."""
    answer = ask(app_of(), "GET", GENERATIONS, params={"generation_id": "nobody"})
    said = answer.json()
    assert answer.status_code == said["statusCode"] == 404
    assert answer.headers["content-type"] == "application/problem+json"
    older = ["message", "path", "requestId", "statusCode", "timestamp"]
    assert sorted(said) == sorted([*older, "title", "status", "instance", "error"])
    assert said["error"] == {"name": "NotFound", "message": said["message"]}
    assert (said["title"], said["status"]) == ("Not Found", 404)
    assert said["path"] == said["instance"] == GENERATIONS
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
        ("GET", f"{LOGS}?period=1d&limit={'9' * 5000}", 400),
        ("GET", f"{LOGS}?period={'9' * 5000}d", 400),
        ("GET", f"{GENERATIONS}?generation_id=%ED%A0%80%00", 404),
        ("GET", "/files/%ED%A0%80%00.mp4", 404),
        ("GET", f"{METRICS}?model=x", 400),
    ],
)
def test_unknown_paths_are_refused(method: str, path: str, status: int) -> None:
    """Other paths, methods and queries get their 4xx with a body of the protocol's form."""
    answer = ask(app_of(), method, path)
    assert answer.status_code == answer.json()["statusCode"] == status


@pytest.mark.parametrize(("path", "methods"), [(GENERATIONS, "DELETE GET HEAD POST"), (LOGS, "GET HEAD")])
def test_allowed_methods_are_complete(path: str, methods: str) -> None:
    """A method that is not served is told all those that are."""
    assert " ".join(sorted(ask(app_of(), "PUT", path).headers["allow"].split(", "))) == methods


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
        assert answer.headers["x-aimlapi-credits-used"] == answer.headers["x-aimlapi-usd-spent"] == "0"

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


def test_client_ids_are_echoed(tmp_path: Path) -> None:
    """The client's own name for a call comes back with the answer, also of a refusal, where it is a valid one."""
    named = {"X-Client-Request-Id": "cell-7:a.b_c"}
    for path, body in ((GENERATIONS, order(tmp_path)), (GENERATIONS, {}), ("/v2/nothing", {})):
        assert ask(app_of(), "POST", path, json=body, headers=named).headers["x-client-request-id"] == "cell-7:a.b_c"
    for wrong in ("a b", "ä".encode(), "a" * 129, ""):
        answer = ask(app_of(), "GET", MODELS, headers={"X-Client-Request-Id": wrong})
        assert "x-client-request-id" not in answer.headers


def test_model_aliases_are_taken(tmp_path: Path) -> None:
    """Each model is served under both of its names, and the catalogue finds it by either."""
    for model in MODELS_OF_FAMILY.values():
        answer = ask(app_of(), "POST", GENERATIONS, json=order(tmp_path, model=model.alias))
        assert answer.json()["id"].endswith(f":{model.id}")
        listed = ask(app_of(), "GET", MODELS, params={"id": model.alias}).json()["data"]
        assert [(entry["id"], entry["aliases"]) for entry in listed] == [(model.id, [model.alias])]


def test_parallel_uploads_respect_quota() -> None:
    """Of forty uploads at once those are refused whose announced size has no room, before a byte is written."""

    async def scenario() -> None:
        settled, all_settled = [], asyncio.Event()

        def settle(what: str) -> None:
            settled.append(what)
            if len(settled) == 40:
                all_settled.set()

        async def body() -> Any:
            yield b'{"model": "'
            settle("taken")
            await all_settled.wait()
            yield b'"}'

        async def upload(client: Any) -> int:
            head = {"Content-Length": "80000000"}
            answer = await client.post(GENERATIONS, content=body(), headers=head)
            settle("refused")
            return int(answer.status_code)

        async with client_of(app_of(quota=3_000_000_000)) as client:
            statuses = await asyncio.gather(*(upload(client) for _ in range(40)))
            # Of the quota 2,800 MB are kept for media that are fetched and for clips in the making.
            assert settled[:40].count("taken") == 3
            assert sorted(statuses) == [400] * 3 + [429] * 37
            assert (await client.post(GENERATIONS, content=b"{}")).status_code == 400

    asyncio.run(scenario())


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
            assert sorted(path.name for path in app.state.jobs.folder.iterdir()) == sorted([clip, "lock"])
        assert not app.state.jobs.folder.exists()

    asyncio.run(scenario())


def test_an_unused_app_starts_nothing() -> None:
    """Making the app is cheap: workers come with the first submit."""
    assert create_app().state.jobs.workers.pids == []
