"""The worker process: what it survives, and what becomes of it."""

import asyncio
import itertools
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from bench.encoding import encode, photo_in_motion
from wan_notebook.errors import MediaError
from wan_notebook.faces.weights import ModelsForWorker, find_models
from wan_notebook.media.checks.notice import service_notices
from wan_notebook.model.family import REPLACE
from wan_notebook.model.protocol import GENERATIONS, MODELS_MISSING
from wan_notebook.preview.server.queue import LIMITS, EngineFailed, render_task
from wan_notebook.preview.server.render_job import CRF, WRITE_MODES, ThrottledReport
from wan_notebook.preview.server.validate import GenerationRequest
from wan_notebook.runtime.worker_pool import WorkerPool

from support import engines
from support.media import Drawn, order, picture, reference
from support.services import app_of, begun, client_of, submitted
from support.workers import is_alive


def outcomes(tmp_path: Path, *moods: int) -> list[tuple[Any, int | None]]:
    """Submit one job after another to one service; return how each ended and the worker's process after it."""

    async def scenario() -> list[tuple[Any, int | None]]:
        ends = []
        app = app_of("support.engines:moody", workers=WorkerPool(1))
        async with client_of(app) as client:
            for mood in moods:
                answer = await submitted(client, order(tmp_path, num_inference_steps=mood))
                ends.append((answer.get("error") or answer["status"], app.state.jobs.workers.pids[0]))
        return ends

    return asyncio.run(scenario())


@pytest.mark.systems("linux", "darwin")
@pytest.mark.parametrize(
    ("mood", "how"), [(engines.EXIT, "exit code 7"), (engines.SEGFAULT, "SIGSEGV"), (engines.KILL, "SIGKILL")]
)
def test_a_crash_ends_one_job(mood: int, how: str, tmp_path: Path) -> None:
    """However the process dies, its job ends, after a second attempt, with a plain message; the service goes on."""
    (crashed, pid), (after, fresh) = outcomes(tmp_path, mood, 20)
    assert crashed["name"] == "EngineFailed"
    assert crashed["message"].startswith(f"The preview engine's process ended unexpectedly ({how}")
    assert crashed["message"].endswith("), twice.")
    assert after == "completed"
    assert fresh != pid


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        (engines.REFUSE, {"name": "MediaError", "message": "The character image shows nobody."}),
        (
            engines.FAIL,
            {"name": "EngineFailed", "message": "The preview engine failed (ZeroDivisionError: a defect)."},
        ),
    ],
)
def test_an_error_keeps_the_worker(mood: int, error: dict[str, str], tmp_path: Path) -> None:
    """What the engine raises becomes the job's error, and the same process does the next job."""
    (failed, pid), (after, same) = outcomes(tmp_path, mood, 20)
    assert failed == error
    assert after == "completed"
    assert same == pid


def test_the_worker_stays_warm(tmp_path: Path) -> None:
    """One job after another is done by one process."""
    (_, first), (_, second) = outcomes(tmp_path, 20, 20)
    assert first == second


def test_printing_breaks_nothing(tmp_path: Path) -> None:
    """Whatever is printed to standard output in the worker goes nowhere."""
    assert [end for end, _ in outcomes(tmp_path, engines.CHATTER)] == ["completed"]


def test_an_idle_death_costs_nothing(tmp_path: Path) -> None:
    """A process that was ended between two jobs costs no job."""

    async def scenario() -> None:
        app = app_of("support.engines:moody")
        async with client_of(app) as client:
            await submitted(client, order(tmp_path))
            (pid,) = app.state.jobs.workers.pids
            psutil.Process(pid).kill()
            assert (await submitted(client, order(tmp_path)))["status"] == "completed"

    asyncio.run(scenario())


@pytest.mark.parametrize(("mood", "survives"), [(engines.OBEY, True), (engines.HANG, False)])
def test_cancelling_ends_the_work(mood: int, survives: bool, tmp_path: Path) -> None:
    """An engine that listens ends by itself and stays warm; one that does not is ended with its process."""

    async def scenario() -> None:
        app = app_of("support.engines:moody")
        async with client_of(app) as client:
            job_id = await begun(client, order(tmp_path, num_inference_steps=mood))
            answer = (await client.delete(GENERATIONS, params={"generation_id": job_id})).json()
            assert answer["error"] == {"name": "Cancelled", "message": "The job was cancelled."}
            assert is_alive(app.state.jobs.workers.pids[0]) == survives
            assert (await submitted(client, order(tmp_path)))["status"] == "completed"

    asyncio.run(scenario())


def test_a_cancelled_wait_never_begins(tmp_path: Path) -> None:
    """Cancelling works in the queue too, and leaves the job before it alone."""

    async def scenario() -> None:
        body = order(tmp_path, num_inference_steps=engines.OBEY)
        async with client_of(app_of("support.engines:moody", workers=WorkerPool(1))) as client:
            first = await begun(client, body)
            second = (await client.post(GENERATIONS, json=body)).json()["id"]
            ended = (await client.delete(GENERATIONS, params={"generation_id": second})).json()
            running = (await client.get(GENERATIONS, params={"generation_id": first})).json()
        assert (ended["status"], running["status"]) == ("error", "generating")

    asyncio.run(scenario())


@pytest.mark.slow
def test_a_silent_engine_is_ended(tmp_path: Path) -> None:
    """A job whose engine hangs ends by itself when patience is over."""
    (tmp_path / "character image").write_bytes(picture())
    (tmp_path / "reference video").write_bytes(reference(tmp_path))
    media = [tmp_path / "character image", tmp_path / "reference video"]
    request = GenerationRequest(*media, {"num_inference_steps": engines.HANG}, None)
    task = render_task("support.engines:moody", media, request, tmp_path / "clip.mp4", ModelsForWorker())

    async def scenario() -> None:
        pool = WorkerPool(1)
        with pytest.raises(EngineFailed, match=r"no sign of life for 0\.5 seconds"):
            await pool.run(replace(task, limits=replace(LIMITS, silence=0.5)))
        assert not is_alive(pool.pids[0])
        await pool.close()

    asyncio.run(scenario())


def test_worker_follows_the_models_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """WAN_NOTEBOOK_MODELS counts from the next job on, also for a worker that runs already in another folder."""
    found = find_models()
    assert found is not None
    shutil.copytree(found.mesh.parent, tmp_path / "own models")
    monkeypatch.chdir(tmp_path)

    async def scenario() -> list[str]:
        said = []
        async with client_of(app_of("support.engines:naming_models")) as client:
            for folder in ("own models", "nowhere"):
                monkeypatch.setenv("WAN_NOTEBOOK_MODELS", folder)
                said.append((await submitted(client, order(tmp_path)))["error"]["message"])
        return said

    moved, missing = asyncio.run(scenario())
    assert moved == f"The models are in {tmp_path / 'own models'}."
    assert missing.startswith(f"WAN_NOTEBOOK_MODELS is {tmp_path / 'nowhere'}, which is no folder.")


@pytest.mark.slow
def test_missing_models_still_make_a_clip(drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the face models the picture moves as a whole, and one notice says why; nobody can be replaced then."""
    monkeypatch.setenv("WAN_NOTEBOOK_MODELS", str(tmp_path))
    clip = engines.rendered(drawn.ada, drawn.speech)
    first, *others = clip
    assert max(np.abs(frame.astype(int) - first).mean() for frame in others) > 0.5
    (notice,) = [one for one in service_notices(clip.report) if one.topic == MODELS_MISSING]
    assert f"the picture moves as a whole. WAN_NOTEBOOK_MODELS is {tmp_path}" in notice.text
    with pytest.raises(MediaError, match=r"does not know whom to replace\. WAN_NOTEBOOK_MODELS is"):
        engines.rendered(drawn.ada, drawn.speech, model=REPLACE.id)


def test_a_missing_engine_is_explained(tmp_path: Path) -> None:
    """Where the preview's libraries are missing, the job's error names the command."""

    async def scenario() -> None:
        async with client_of(app_of("no_such_library:run")) as client:
            answer = await submitted(client, order(tmp_path))
        assert answer["error"]["message"].endswith("Install it with: pip install 'wan-notebook[preview]'")

    asyncio.run(scenario())


@pytest.mark.slow
@pytest.mark.parametrize("idle", [True, False])
def test_worker_ends_with_the_service(idle: bool, tmp_path: Path) -> None:
    """Closing the service ends the process, whether it waits for a job or is in the midst of one."""

    async def scenario() -> int:
        app = app_of("support.engines:moody")
        async with client_of(app) as client:
            if idle:
                await submitted(client, order(tmp_path))
            else:
                await begun(client, order(tmp_path, num_inference_steps=engines.HANG))
            return int(app.state.jobs.workers.pids[0])

    assert not is_alive(asyncio.run(scenario()))


PARENT = """
import asyncio, sys
sys.path[:0] = {path!r}
from pathlib import Path
from support.media import order
from support.services import app_of, begun, client_of

async def main():
    app = app_of("support.engines:moody")
    async with client_of(app) as client:
        await begun(client, order(Path({folder!r}), num_inference_steps={mood}))
        print(app.state.jobs.workers.pids[0], app.state.jobs.folder, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.slow
def test_worker_dies_with_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the notebook's kernel is killed, a worker in the midst of a job is gone at once, and so are the files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # elsewhere, another process may be about to remove them
    code = PARENT.format(path=sys.path, folder=str(tmp_path), mood=engines.HANG)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, folder = parent.stdout.readline().split()
    worker = psutil.Process(int(pid))
    parent.kill()
    parent.communicate()
    assert psutil.wait_procs([worker], timeout=5)[1] == []
    assert not Path(folder).exists()


@pytest.mark.systems("linux", "darwin")
def test_an_interrupt_ends_no_job(tmp_path: Path) -> None:
    """The interrupt button of a notebook stops the cell, and no job."""

    async def scenario() -> None:
        app = app_of("support.engines:moody")
        async with client_of(app) as client:
            await begun(client, order(tmp_path, num_inference_steps=engines.OBEY))
            pid = app.state.jobs.workers.pids[0]
            psutil.Process(pid).send_signal(signal.SIGINT)
            job_id = app.state.jobs.jobs[0].id
            answer = (await client.delete(GENERATIONS, params={"generation_id": job_id})).json()
            assert answer["error"]["name"] == "Cancelled"
            assert is_alive(pid)

    asyncio.run(scenario())


@pytest.mark.parametrize("quality", CRF)
def test_write_modes_keep_their_order(quality: str, tmp_path: Path) -> None:
    """At every quality, the write modes keep the order that their names promise."""
    frames = list(photo_in_motion(frames=20, side=240))
    sizes = {mode: encode(frames, quality, mode, tmp_path).stat().st_size for mode in WRITE_MODES}
    assert sorted(sizes, key=sizes.__getitem__) == ["small", "balanced", "fast"]


def test_better_quality_is_larger(tmp_path: Path) -> None:
    """From low to maximum the file grows."""
    frames = list(photo_in_motion(frames=20, side=240))
    sizes = [encode(frames, quality, "balanced", tmp_path).stat().st_size for quality in CRF]
    assert sizes == sorted(sizes)


def test_progress_is_throttled() -> None:
    """Of a hundred reports within a second about twenty go out, and each new message does."""
    sent: list[Any] = []
    ticks = itertools.count(0.0, 0.01)
    report = ThrottledReport(lambda **message: sent.append(message), clock=lambda: next(ticks))
    for number in range(100):
        report.progress(number / 100, "first" if number < 50 else "second")
    assert len(sent) == pytest.approx(20, abs=3)
    assert [message["message"] for message in sent].index("second") == len(sent) // 2
