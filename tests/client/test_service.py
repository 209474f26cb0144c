"""Which service is meant, and the one inside this process."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from wan_notebook.client import Balance, Client, LogRow, Service
from wan_notebook.client.service import EMBEDDED_URL, canonical_service
from wan_notebook.errors import InvalidRequest, Unreachable
from wan_notebook.jobs.poll_schedule import PollSchedule
from wan_notebook.jobs.polling import poll
from wan_notebook.model.job import COMPLETED, Job, Request, Usage
from wan_notebook.video.probe import probe

from support.clients import CANARY, using
from support.media import picture, reference
from support.services import (
    Reply,
    ScriptedService,
    app_of,
    on_a_port,
    refused_port,
)

MODEL = "alibaba/wan2.2-14b-animate-move"


def test_environment_chooses_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address, else a key, else the preview."""
    assert Service.choose() == Service.embedded()
    monkeypatch.setenv("AIML_API_KEY", CANARY)
    assert Service.choose() == Service.hosted(CANARY)
    monkeypatch.setenv("WAN_NOTEBOOK_BASE_URL", "http://127.0.0.1:8765/")
    assert Service.choose() == Service.at("http://127.0.0.1:8765", CANARY)


@pytest.mark.parametrize("address", ["localhost:8765", "http://", "https://user:secret@host", "http://a b:c", "none"])
def test_bad_variable_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of the environment that is none is told with its variable, and without a password."""
    monkeypatch.setenv("WAN_NOTEBOOK_BASE_URL", address)
    with pytest.raises(InvalidRequest, match="WAN_NOTEBOOK_BASE_URL") as refused:
        Service.choose()
    assert "secret" not in str(refused.value)
    monkeypatch.setenv("WAN_NOTEBOOK_BASE_URL", "'http://127.0.0.1:8765' ")
    assert Service.choose() == Service.at("http://127.0.0.1:8765")


def test_later_login_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hosted service that was chosen without a key has the one that is found later; any other stays as it is."""
    chosen, other = Service.hosted(), Service.at("http://127.0.0.1:8765")
    assert chosen.renewed().key is None
    monkeypatch.setenv("AIMLAPI_API_KEY", CANARY)
    assert chosen.renewed() == Service.hosted(CANARY)
    assert other.renewed() is other


def test_only_previews_are_free() -> None:
    """Of the services on this machine those that answer as our preview cost nothing; who knows better says so.

    A gateway that passes jobs on to a paid service is as dear as that, and what is silent may be one.
    """
    with on_a_port(app_of(token="token")) as url:
        assert not Service.at(url).paid
        assert not Service.at(f"{url.replace('127.0.0.1', 'localhost')}/v2", "token").paid
        assert Service.at(url, paid=True).paid
    gateway = ScriptedService(others={"/v1/models": [Reply(body={"data": []})]})
    with on_a_port(gateway) as url:
        assert Service.at(url, CANARY).paid
        assert not Service.at(url, CANARY, paid=False).paid
    assert [request.headers.get("authorization") for request in gateway.requests] == [None]
    assert Service.at(f"http://127.0.0.1:{refused_port()}").paid
    assert Service.at("https://gateway.example.com/wan").paid
    assert not Service.at("https://classroom.example.com", paid=False).paid
    assert Service.hosted("k").paid
    assert not Service.embedded().paid


async def balance_of(service: Service) -> Balance | None:
    async with Client(service) as client:
        return await client.balance()


def test_gateway_here_keeps_its_pace() -> None:
    """A paid gateway on this machine is polled as rarely as the service behind it, and is given jobs side by side.

    One that says it is a preview does the work here, whatever it costs.
    """
    with on_a_port(app_of(token="token")) as url:
        service = Service.at(url, "token", paid=True)
        assert not service.works_here
        assert PollSchedule.of_service(service) == PollSchedule()
        asyncio.run(balance_of(service))
        assert service.works_here
        assert PollSchedule.of_service(service) == PollSchedule.preview()


def test_code_says_what_is_free() -> None:
    """A service on this machine is named with whether it costs money, since nobody may be there to be asked."""
    assert Service.at("http://127.0.0.1:9", paid=False).code() == "wan.Service.at('http://127.0.0.1:9', paid=False)"
    assert Service.at("http://127.0.0.1:9").code("key") == "wan.Service.at('http://127.0.0.1:9', key, paid=True)"
    assert Service.at("https://gateway.test").code() == "wan.Service.at('https://gateway.test')"
    assert Service.at("https://gateway.test", paid=False).code() == "wan.Service.at('https://gateway.test', paid=False)"


@pytest.mark.parametrize(
    "url", ["", "service.test", "ftp://a", "http://", "http://a:x", "http://a?b=c", "http://[::1", "http://u:p@a"]
)
def test_bad_service_address_is_refused(url: str) -> None:
    """A typing mistake is told where it is made, and a password in an address is not kept."""
    with pytest.raises(InvalidRequest) as refused:
        Service.at(url)
    assert "u:p" not in str(refused.value)


@pytest.mark.parametrize(
    "end",
    ["", "/", "/v1", "/v2", "/v2/", "//v2", "/V2", "/v2/video/generations", "/v2/generate/video/alibaba/generation"],
)
def test_version_in_address_means_nothing(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address is the same service with and without the version that people write at its end."""
    assert Service.at(f"https://api.aimlapi.com{end}", CANARY) == Service.hosted(CANARY)
    assert Service.at(f"https://gateway.test/wan{end}", CANARY) == Service.at("https://gateway.test/wan", CANARY)
    assert Service.at(f"https://gateway.test/v2v{end}").base_url == "https://gateway.test/v2v"
    monkeypatch.setenv("WAN_NOTEBOOK_BASE_URL", f"https://api.aimlapi.com{end}")
    assert Service.choose() == Service.hosted()


@pytest.mark.parametrize("spelling", ["https://API.aimlapi.com", "HTTPS://api.aimlapi.com:443/v2"])
def test_address_has_one_spelling(spelling: str) -> None:
    """Capital letters and the usual port name no other service."""
    assert Service.at(spelling, CANARY) == Service.hosted(CANARY)
    assert Service.at("http://[::1]:80/wan").base_url == "http://[::1]/wan"


@pytest.mark.parametrize(
    "host", ["127.0.0.1.", "127.1", "2130706433", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "ip6-localhost"]
)
def test_this_machine_has_one_spelling(host: str) -> None:
    """However this machine is called, its service is the same one."""
    service = Service.at(f"http://{host}:8000", paid=False)
    assert service.local
    assert canonical_service(service.base_url) == canonical_service("http://localhost:8000")
    assert not Service.at("http://127.example:8000").local


def test_base_address_keeps_its_path() -> None:
    """A gateway under a path is asked under that path."""
    app = ScriptedService(others={"/wan/v2/billing": [Reply(body={"current_balance": 1})]})
    service = Service.at("https://gateway.test/wan/")
    assert service.name == "gateway.test/wan"
    assert using(app, lambda client: client.balance(), service=service) == Balance(1.0)


def test_embedded_service_makes_a_clip(tmp_path: Path) -> None:
    """Two files go in, the service of this package makes a clip of them, and it comes home through the same door."""
    (tmp_path / "hero.png").write_bytes(picture())
    reference(tmp_path)
    request = Request(image_url=(tmp_path / "hero.png").as_uri(), video_url=(tmp_path / "small.mp4").as_uri())
    app = app_of()

    async def go() -> tuple[Job, Path, LogRow | None]:
        async with Client(Service.embedded(), transport=httpx.ASGITransport(app)) as client:
            job = await client.submit(request, client_request_id="wan-1")
            async for seen in poll(client.fetch_once, job, schedule=PollSchedule(floor=0.01, ceiling=0.05)):
                job = seen
            path = await client.download(job, tmp_path / "clip.mp4")
            row = await client.look_up("wan-1")
        await app.state.jobs.close()
        return job, path, row

    job, path, row = asyncio.run(go())
    assert (job.status, job.engine, job.usage) == (COMPLETED, "preview", Usage(credits_used=0, usd_spent=0))
    assert probe(path).frames == 10
    assert row is not None
    assert row.job_id == job.id


def test_embedded_service_needs_no_network() -> None:
    """Without a transport of its own, the client of the embedded service needs no network."""

    async def go() -> Any:
        async with Client(Service.embedded()) as client:
            return await client.balance(), await client.durations(MODEL), await client.price(MODEL)

    balance, durations, price = asyncio.run(go())
    assert (balance, durations) == (Balance(0.0), None)
    assert price is not None
    assert set(price.usd_per_unit.values()) == {0.0}
    assert EMBEDDED_URL == "http://embedded.invalid"


def test_missing_preview_names_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the preview's libraries the way to install them is told."""
    monkeypatch.setattr("wan_notebook.client.service._PREVIEW_NEEDS", ("no_such_library",))

    async def go() -> None:
        async with Client(Service.embedded()):
            pass

    with pytest.raises(Unreachable, match=r"pip install 'wan-notebook\[preview\]'"):
        asyncio.run(go())
