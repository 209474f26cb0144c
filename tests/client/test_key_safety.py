"""The key goes to its service, and nowhere else."""

import asyncio
from typing import Any

import httpx
import pytest

from wan_notebook.client import Service
from wan_notebook.errors import NotAuthorized, Rejected
from wan_notebook.runtime.keys import Key

from support.clients import CANARY, Broken, submit
from support.services import (
    BASE,
    Reply,
    ScriptedService,
    refusal,
    shown_by,
)


def test_echoed_secrets_are_redacted() -> None:
    """A service that repeats the request in its error gives neither key nor media away."""
    echo = f"auth Bearer {CANARY}, image data:image/png;base64,{'QUJD' * 1000} end"
    with pytest.raises(Rejected) as refused:
        submit(ScriptedService(posts=[Reply(400, {"message": echo}, {"x-request-id": CANARY})]))
    seen = f"{refused.value} {refused.value.body} {refused.value.request_id}"
    assert CANARY not in seen
    assert "QUJDQUJD" not in seen
    assert "data:image/png;base64,… end" in refused.value.body


@pytest.mark.parametrize("key", ["wan", "alibaba", "animate-move", "2", "v2", "clips", "files.example", "a"])
def test_short_key_alters_no_data(key: str) -> None:
    """A job keeps its id and its clip's address, whatever part of them a short key happens to be; words do not show it.

    The service would find no job of another id.
    """
    job_id, url = "0a-1:alibaba/wan2.2-14b-animate-move", "https://files.example.test/v2/clips/a-2.mp4"
    meta = {"message": f"Waiting for {key}"}
    answer = {"id": job_id, "status": "completed", "video": {"url": url}, "meta": meta}
    job = submit(ScriptedService(posts=[Reply(200, answer)]), service=Service.at(BASE, key))
    assert (job.id, job.video, job.message) == (job_id, url, "Waiting for [key]")


@pytest.mark.parametrize("echo", ["{}", "'{}'.", "key={}, then", "line\n{}", "“{}”", "key: {}!", "\u00e9 {}…", "({})"])
@pytest.mark.parametrize("key", ["hunter2", "sk-a/b.c", CANARY])
def test_echoed_key_is_redacted(key: str, echo: str) -> None:
    """However a service quotes a key, short or long, nothing of the error shows it."""
    reply = Reply(400, {"message": echo.format(key)}, {"x-request-id": key})
    with pytest.raises(Rejected) as refused:
        submit(ScriptedService(posts=[reply]), service=Service.at(BASE, key))
    assert key not in f"{refused.value} {refused.value.body} {refused.value.request_id}"


@pytest.mark.parametrize(
    "network",
    [
        Broken(httpx.ConnectError("refused")),
        Broken(httpx.ReadTimeout("slow"), after_body=True),
        Broken(httpx.LocalProtocolError(f"Illegal header value b'Bearer {CANARY}'")),
        Broken(RuntimeError(f"a defect that shows Bearer {CANARY}"), after_body=True),
        Broken(asyncio.CancelledError()),  # type: ignore[arg-type]
        ScriptedService(posts=[refusal(401)]),
        ScriptedService(posts=[Reply(500, CANARY)]),
    ],
)
def test_no_traceback_shows_key(network: Any) -> None:
    """Frames with their local variables, and every exception behind, are free of the key."""
    with pytest.raises(BaseException) as failed:  # noqa: PT011 - whichever it is
        submit(network, service=Service.at(BASE, Key(CANARY)))
    assert all(CANARY not in shown for shown in shown_by(failed.value))


def test_broken_key_sends_nothing() -> None:
    """A key with a line break would be refused by the HTTP library, in words that show it."""
    app = ScriptedService()
    with pytest.raises(NotAuthorized, match="a character which no key has"):
        submit(app, service=Service.at(BASE, Key("broken\nkey", "AIML_API_KEY")))
    assert app.requests == []


def test_missing_key_sends_nothing() -> None:
    """Who has no key learns where to put one."""
    app = ScriptedService()
    with pytest.raises(NotAuthorized, match=r"wan\.login\(\)"):
        submit(app, service=Service.hosted())
    assert app.requests == []


def test_redirected_submit_goes_nowhere() -> None:
    """Neither the key nor a second POST follows a redirect."""
    app = ScriptedService(posts=[Reply(307, b"", {"location": "https://elsewhere.test/v2/video/generations"})])
    with pytest.raises(Rejected, match=r"sends us on to elsewhere\.test.*Nothing was bought"):
        submit(app)
    assert [one.host for one in app.requests] == ["service.test"]
