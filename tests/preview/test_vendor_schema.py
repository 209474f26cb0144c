"""Every answer that the service can give fits the vendor's own schema, and is read by the other end of the wire."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from wan_notebook.client.parsing import parse_job
from wan_notebook.model import family, protocol
from wan_notebook.model.protocol import GENERATIONS
from wan_notebook.preview.server.validate import validate

from support import engines
from support.media import order
from support.services import app_of, client_of, finished

pytestmark = pytest.mark.slow

VENDOR = json.loads((Path(__file__).parents[1] / "support" / "vendor_schema.json").read_text())


def assert_fits(answer: dict[str, Any]) -> None:
    jsonschema.validate(answer, VENDOR["answer"], format_checker=jsonschema.FormatChecker())


def answers(tmp_path: Path, **fields: Any) -> list[dict[str, Any]]:
    """All answers about one job, from the submit to the last fetch."""

    async def scenario() -> list[dict[str, Any]]:
        async with client_of(app_of("support.engines:moody")) as client:
            said = [(await client.post(GENERATIONS, json=order(tmp_path, **fields))).json()]
            while said[-1]["status"] not in protocol.FINAL_STATUSES:
                said.append((await client.get(GENERATIONS, params={"generation_id": said[0]["id"]})).json())
                await asyncio.sleep(0)
            return said

    return asyncio.run(scenario())


ENDS = [
    (20, "completed"),
    (engines.EXIT, "error"),
    (engines.FAIL, "error"),
    (engines.REFUSE, "error"),
]


@pytest.mark.parametrize(("mood", "last"), ENDS)
def test_answers_fit_the_schema(mood: int, last: str, tmp_path: Path) -> None:
    """Queued, generating, completed and error alike, in this order and no other."""
    said = answers(tmp_path, num_inference_steps=mood)
    for answer in said:
        assert_fits(answer)
    assert list(dict.fromkeys(answer["status"] for answer in said)) == ["queued", "generating", last]


@pytest.mark.parametrize("model", family.MODELS)
def test_both_models_are_served(model: str, tmp_path: Path) -> None:
    """Move and replace are taken alike, and the id names the model as the vendor's does."""
    last = answers(tmp_path, model=model)[-1]
    assert last["status"] == "completed"
    assert last["id"].endswith(f":{model}")


def test_a_cancelled_job_fits(tmp_path: Path) -> None:
    """The vendor knows no cancelling, so a cancelled job is one that ended with an error."""

    async def scenario() -> dict[str, Any]:
        async with client_of(app_of("support.engines:moody")) as client:
            body = order(tmp_path, num_inference_steps=engines.OBEY)
            job_id = (await client.post(GENERATIONS, json=body)).json()["id"]
            said: dict[str, Any] = (await client.delete(GENERATIONS, params={"generation_id": job_id})).json()
            return said

    answer = asyncio.run(scenario())
    assert_fits(answer)
    assert answer["status"] == "error"


def test_a_finished_job_stays(tmp_path: Path) -> None:
    """Cancelling what has ended changes nothing, and asking again gives the same."""

    async def scenario() -> None:
        async with client_of(app_of()) as client:
            job_id = (await client.post(GENERATIONS, json=order(tmp_path))).json()["id"]
            before = await finished(client, job_id)
            await client.delete(GENERATIONS, params={"generation_id": job_id})
            assert await finished(client, job_id) == before

    asyncio.run(scenario())


def test_the_client_understands_answers(tmp_path: Path) -> None:
    """Our own Job reads status, progress, engine, preflight, price and error off what the service says."""
    completed, failed = (parse_job(answers(tmp_path, num_inference_steps=mood)[-1], at=1.0) for mood, _ in ENDS[::3])
    assert completed.video
    assert (completed.engine, completed.progress, completed.usage and completed.usage.usd) == ("preview", 1, 0)
    assert completed.preflight == {"steps": 20, "notices": [engines.NOTICE]}
    assert (failed.status, failed.error) == ("error", "The character image shows nobody.")


def test_all_our_settings_are_taken(tmp_path: Path) -> None:
    """The ends of each range and every choice of our models are taken by the service as they come."""
    media = order(tmp_path)
    for setting in family.SETTINGS.values():
        for value in setting.choices or (setting.minimum, setting.maximum):
            if value is not None:
                assert validate({**media, setting.name: value}, tmp_path).settings[setting.name] == value


def test_defaults_are_the_vendors(tmp_path: Path) -> None:
    """Left-out settings take the defaults of the vendor's schema."""
    published = {
        name: field["default"] for name, field in VENDOR["request"]["properties"].items() if "default" in field
    }
    settings = validate(order(tmp_path), tmp_path).settings
    assert {name: settings[name] for name in published} == published
