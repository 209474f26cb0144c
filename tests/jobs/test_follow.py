"""The polling helper for programs of one's own: `async for` over a run."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.errors import JobFailed
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.jobs.run import Run, resume, submit

from support import engines

SCRIPT = """
import asyncio, sys
import wan_notebook as wan

async def main():
    run = wan.submit(sys.argv[1], sys.argv[2], service=wan.Service.at(sys.argv[3], "token"))
    phases = [progress.phase.value async for progress in run]
    clip = await run
    print(phases[-1], clip.path.is_file())

asyncio.run(main())
"""


async def followed(run: Run) -> list[Progress]:
    """Every state that a run goes through."""
    return [progress async for progress in run]


def test_a_run_is_followed(served: Service, character: Path, performance: Path) -> None:
    """`async for` yields each state as it comes, the last one with the clip; `await` then gives it."""

    async def program() -> None:
        run = submit(character, performance, service=served)
        states = await followed(run)
        assert states[-1].phase is RunPhase.DONE
        assert [state.finished_at is not None for state in states] == [False] * (len(states) - 1) + [True]
        assert (await run).path.is_file()

    asyncio.run(program())


def test_a_failure_ends_it(served: Service, character: Path, performance: Path) -> None:
    """A job that fails ends the iteration with its last state, and `await` raises its error."""

    async def program() -> None:
        run = submit(character, performance, service=served, num_inference_steps=engines.REFUSE)
        assert (await followed(run))[-1].phase is RunPhase.FAILED
        with pytest.raises(JobFailed):
            await run

    asyncio.run(program())


def test_an_earlier_job_is_followed(served: Service, character: Path, performance: Path) -> None:
    """A job that is resumed by its id is followed in the same way."""
    clip = submit(character, performance, service=served).result(30)

    async def program() -> None:
        assert (await followed(resume(clip.job.id)))[-1].clip == clip

    asyncio.run(program())


def test_leaving_early_stops_nothing(served: Service, character: Path, performance: Path) -> None:
    """Who breaks out of the iteration is told nothing more, and the job goes on to its clip."""

    async def program() -> None:
        run = submit(character, performance, service=served)
        async for _progress in run:
            break
        assert (await run).path.is_file()

    asyncio.run(program())


def test_finished_run_yields_its_end(served: Service, character: Path, performance: Path) -> None:
    """A run that has ended before is one state: the last."""
    run = submit(character, performance, service=served)
    run.result(30)
    (state,) = asyncio.run(followed(run))
    assert state.phase is RunPhase.DONE


def test_a_script_follows_a_run(served: Service, character: Path, performance: Path) -> None:
    """In a script, under asyncio.run, the same lines work."""
    command = [sys.executable, "-c", SCRIPT, str(character), str(performance), served.base_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "Done True\n", done.stderr
