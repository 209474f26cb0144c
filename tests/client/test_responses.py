"""Refusals and other answers, read into errors of ours."""

import json
from typing import Any

import pytest

from wan_notebook.client.responses import Response, redacted
from wan_notebook.errors import NotAllowed, NotAuthorized, Rejected, ServiceError, TooBusy
from wan_notebook.model import protocol
from wan_notebook.runtime.keys import Key

from support.clients import submit
from support.services import (
    Reply,
    ScriptedService,
    refusal,
)


def problem(status: int, message: str, data: Any) -> Reply:
    """The error body of today, whose useful part is `error.data`."""
    error = {"name": "Error", "message": message, "data": data}
    return Reply(status, {"title": "Error", "status": status, "message": message, "requestId": "r", "error": error})


def fault(name: str, message: str) -> dict[str, Any]:
    """One entry of such a list."""
    return {"code": "invalid_type", "path": [name], "message": message}


@pytest.mark.parametrize(
    ("reply", "kind", "message"),
    [
        (
            refusal(400, "Expected 'a' | 'b', received 'x'"),
            Rejected,
            "The service refused the request (“Expected 'a' | 'b', received 'x'”). Nothing was bought.",
        ),
        (
            refusal(401, "Invalid key"),
            NotAuthorized,
            (
                "The service does not accept the key (“Invalid key”). Pass the right one: "
                "service=wan.Service.at('https://service.test', key). Nothing was bought."
            ),
        ),
        (
            refusal(429, retry_after="7"),
            TooBusy,
            "The service takes no more requests just now. Try again in 7 s. Nothing was bought.",
        ),
        (
            problem(400, "Body validation error", [fault("num_inference_steps", "Expected number, received string")]),
            Rejected,
            (
                "The service refused the request (“num_inference_steps: Expected number, received string”). "
                "Nothing was bought."
            ),
        ),
        (
            problem(403, "No", {"kind": "err_unverified_card"}),
            NotAllowed,
            (
                "The account must verify its card first, on the service's own pages (“No (err_unverified_card)”). "
                "Nothing was bought."
            ),
        ),
        (
            problem(403, "Forbidden", {"kind": "err_insufficient_scope"}),
            NotAllowed,
            (
                "The service does not allow this (“Forbidden (err_insufficient_scope)”): the account may be out of "
                "credits, or the key limited. Nothing was bought."
            ),
        ),
        (Reply(418, "I am <b>a teapot</b>"), Rejected, "The service refused this with HTTP 418. Nothing was bought."),
    ],
)
def test_refusal_names_reason_and_remedy(reply: Reply, kind: type[ServiceError], message: str) -> None:
    """The service's own words stand in a sentence of ours; a web page is left out."""
    with pytest.raises(kind) as refused:
        submit(ScriptedService(posts=[reply]))
    assert str(refused.value) == message


def test_refusal_keeps_support_details() -> None:
    """Status, request id and the shortened raw body stay on the error."""
    with pytest.raises(Rejected) as refused:
        submit(ScriptedService(posts=[refusal(422, "long " * 2000)]))
    assert (refused.value.status_code, refused.value.request_id) == (422, "req-1")
    assert refused.value.body.startswith('{"message": "long long')
    assert len(refused.value.body) < 2100
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"message": ["a is wrong", "b is wrong"]}, "a is wrong, b is wrong"),
        ({"error": {"message": "no credits"}}, "no credits"),
        ({"detail": [{"loc": ["body", "shift"], "msg": "too large"}]}, "shift: too large"),
        ({"message": {"detail": [{"loc": ["body", "shift"], "msg": "too large"}]}}, "shift: too large"),
        ("Bad &amp; ugly.", "Bad & ugly"),
        ("<html><h1>502</h1></html>", ""),
        ("", ""),
        ("[" * 100_000, ""),
        ({"message": None}, ""),
        ({"title": "Forbidden", "status": 403}, "Forbidden"),
        ({"message": "odd", "error": {"data": {"kind": 5}}}, "odd"),
        ({"message": "No", "data": {"kind": "err_k"}}, "No (err_k)"),
        ({"error": {"data": {"kind": "err_k"}}}, "{'data': {'kind': 'err_k'}}"),
        ({"error": {"data": {"issues": [{"path": ["a", 0, "b"], "message": "bad"}]}}}, "a.0.b: bad"),
        (
            {"errors": [{"path": ["shift"], "expected": "number", "received": "null"}]},
            "shift: Expected number, received null",
        ),
        ({"message": "long", "error": {"data": [fault("a", "one"), fault("b", "two")]}}, "a: one; b: two"),
        ({"message": "odd", "error": {"data": [7, None]}}, "odd"),
        ({"message": "odd", "error": {"data": []}}, "odd"),
        (["odd"], ""),
    ],
)
def test_message_found_in_every_form(body: Any, words: str) -> None:
    """Texts, lists and objects become one line; pages and nonsense become none."""
    text = body if isinstance(body, str) else json.dumps(body)
    assert Response(400, {}, text).message == words


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-3", 0.0),
        ("99999999", 300.0),
        ("inf", 300.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 1999 22:13:50 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0),
        ("9" * 400, 300.0),
    ],
)
def test_retry_after_is_bounded(wish: str, seconds: float | None) -> None:
    """Retry-After may be seconds, a date or nonsense; nobody waits for a year."""
    assert Response(429, {"retry-after": wish}, "").retry_after(lambda: 1_700_000_000.0) == seconds


def test_redaction_keeps_json_valid() -> None:
    """A data URI with escaped slashes, at the end of a text in a text, is taken out without its closing quote."""
    text = json.dumps({"input": json.dumps({"url": "data:video/mp4;base64,AA/BB=="})}).replace("/", "\\/")
    assert json.loads(json.loads(redacted(text, None))["input"]) == {"url": "data:video/mp4;base64,…"}
    assert redacted("Bearer abcdefghijklmnop!", None) == "Bearer …!"
    assert redacted("a\\/b", Key("a/b")) == "[key]"


ROW = {"id": "alibaba/wan2.2-14b-animate-move", "shutdown_date": "2026-10-01"}
LISTS = {
    "rows": {"data": [{"id": "other"}, ROW]},
    "a bare list": [ROW],
    "other names": {"deprecations": [{"model": ROW["id"], "shutdown_date": "2026-10-01"}]},
    "an alias": {"models": [{"id": "wan/v2.2-14b/animate/move", "shutdown_date": "2026-10-01"}]},
}


@pytest.mark.parametrize("form", LISTS)
def test_withdrawn_model_is_named(form: str) -> None:
    """A submit that leads nowhere asks, without the key, whether the model was withdrawn, and says what is known."""
    app = ScriptedService(posts=[refusal(404, "Not found")], others={protocol.DEPRECATIONS: [Reply(200, LISTS[form])]})
    with pytest.raises(Rejected) as refused:
        submit(app)
    assert str(refused.value) == (
        "The service has nothing at this address (“Not found”). It has withdrawn the model "
        "alibaba/wan2.2-14b-animate-move (shutdown date: 2026-10-01). Nothing was bought."
    )
    assert [("authorization" in one.headers, one.method) for one in app.requests] == [(True, "POST"), (False, "GET")]


@pytest.mark.parametrize(
    "listed",
    [
        refusal(404),
        refusal(500),
        Reply(200, "<html>"),
        Reply(200, {"data": [{"id": "other", "replacement": ROW["id"]}, 7, None]}),
        Reply(200, ["other"]),
        Reply(200, {"data": {"id": {}}}),
    ],
)
def test_unlisted_model_leaves_it_open(listed: Reply) -> None:
    """Where the service does not list the model as withdrawn, or lists nothing, the sentence asks."""
    app = ScriptedService(posts=[refusal(404)], others={protocol.DEPRECATIONS: [listed]})
    with pytest.raises(
        Rejected, match=r"Is its address right, and does it still offer alibaba/.*\? Nothing was bought"
    ):
        submit(app)
    assert len(app.requests) == 2
