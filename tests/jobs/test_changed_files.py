"""Files that changed after they were chosen, on every way on which they are sent."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import MediaError
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.order import OrderBuilder
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.jobs.run import begin
from wan_notebook.widgets.panel.studio import Studio

from support.media import picture, reference
from support.services import Reply, TimedService, on_a_port

CHANGED = "has changed since it was chosen"
_LARGE = 12_000_000
"""Bytes, of which the sockets on the way hold but a part."""


def grown(path: Path) -> None:
    path.write_bytes(reference(path.parent, frames=80))


def shrunk(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def edited(path: Path) -> None:
    """Change one byte; size and times stay what they were."""
    content, times = bytearray(path.read_bytes()), path.stat()
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def replaced(path: Path) -> None:
    longer = path.with_name("longer.mp4")
    longer.write_bytes(reference(path.parent, frames=30))
    longer.replace(path)


def deleted(path: Path) -> None:
    path.unlink()


CHANGES = [grown, shrunk, edited, replaced, deleted]


@pytest.fixture
def timed() -> TimedService:
    return TimedService()


@pytest.fixture
def service(timed: TimedService) -> Iterator[Service]:
    with timed.running() as service:
        yield service


@pytest.mark.systems("linux", "darwin")
def test_pipe_is_not_awaited(service: Service, character: Path, performance: Path) -> None:
    """A pipe in the place of a chosen file, which would never end, is a change like any other."""
    order = OrderBuilder(service).order(character, performance)
    performance.unlink()
    os.mkfifo(performance)
    with pytest.raises(MediaError, match=CHANGED):
        begin(order)


@pytest.mark.parametrize("change", CHANGES)
def test_changed_order_is_refused(
    change: Callable[[Path], None], service: Service, timed: TimedService, character: Path, performance: Path
) -> None:
    """An order made of one file is not begun with another."""
    order = OrderBuilder(service).order(character, performance)
    change(performance)
    with pytest.raises(MediaError, match=r"dance\.mp4 .*Choose it again"):
        begin(order)
    assert (timed.submits, Journal().entries()) == ([], [])


def test_changed_choice_is_refused(service: Service, timed: TimedService, character: Path, performance: Path) -> None:
    """What a panel shows, with its price, is what its button sends; so where the reference is prepared first."""
    studio = Studio(service=service)
    studio.choose_image(character)
    studio.choose_video(performance)
    edited(performance)
    with pytest.raises(MediaError, match=CHANGED):
        studio.generate()
    studio.prepare_video = wan.media.Preparation(fps=5)
    with pytest.raises(MediaError, match=CHANGED):
        studio.generate()
    studio.choose_video(performance)
    assert studio.generate().result(30).path.is_file()
    assert len(timed.submits) == 1


def test_changed_plan_is_refused(service: Service, timed: TimedService, character: Path, performance: Path) -> None:
    """A plan that is run later sends nothing of other files than it was made of."""
    plan = wan.sweep(character, performance, service=service, shift=[3, 5])
    character.write_bytes(picture() + b" ")
    with pytest.raises(MediaError, match=f"hero.png {CHANGED}"):
        plan.run()
    assert timed.submits == []


class Meddling(TimedService):
    """Changes a file while the first of its bytes come in."""

    meddle: Callable[[], object]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        begun = False

        async def meddling_receive() -> Any:
            nonlocal begun
            message = await receive()
            if not begun and message.get("body"):
                begun = True
                self.meddle()
            return message

        await super().__call__(scope, meddling_receive, send)

    def _submit(self, request: Any) -> Reply:
        whole = len(request.body) == int(request.headers["content-length"])
        return super()._submit(request) if whole else Reply(400)


def end_changed(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")


def end_cut(path: Path) -> None:
    os.truncate(path, _LARGE - 3)


def end_added(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


@pytest.mark.parametrize("change", [end_changed, end_cut, end_added])
def test_change_during_sending_is_refused(change: Callable[[Path], None], character: Path, performance: Path) -> None:
    """A file that changes while it is sent is never sent whole, and the journal says that nothing was bought."""
    performance.write_bytes(performance.read_bytes().ljust(_LARGE, b"\0"))
    meddling = Meddling()
    meddling.meddle = lambda: change(performance)
    with on_a_port(meddling) as url:
        run = begin(OrderBuilder(Service.at(url, paid=False)).order(character, performance))
        with pytest.raises(MediaError, match=CHANGED):
            run.result(30)
    (entry,) = Journal().entries()
    assert (run.progress.phase, entry.phase, meddling.submits) == (RunPhase.FAILED, "rejected", [])


class ChangingAfterwards(TimedService):
    """Changes a file as soon as it has taken a job."""

    path: Path

    def _submit(self, request: Any) -> Reply:
        edited(self.path)
        return super()._submit(request)


def test_change_while_waiting_is_refused(character: Path, performance: Path) -> None:
    """A job of a sweep that waits for its turn looks at its files once more before any byte of it is sent."""
    service = ChangingAfterwards()
    service.path = performance
    with service.running() as at:
        grid = wan.sweep(character, performance, service=at, shift=[3, 4, 5]).run(concurrency=1)
        grid.result(60)
    errors = [str(tile.progress.error or "") for tile in grid.tiles]
    assert (len(service.submits), errors[0]) == (1, "")
    assert [CHANGED in error for error in errors] == [False, True, True]
    assert sorted(entry.phase for entry in Journal().entries()) == ["rejected", "rejected", "saved"]
