"""The shots of a reference, each of a length for one job, and the time of each of its frames."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from ..errors import InvalidRequest
from ..jobs.progress_bar import OnProgress
from ..media.prepare import not_a_file, original_file
from ..media.store import identity
from ..media.video import Video
from ..model import family
from ..runtime.data_dir import atomic_write, subfolder
from .split import NEARLY, divide

_T = TypeVar("_T")
Opening = Literal["beginning", "cut", "dissolve", "split"]
"""How a shot comes about: it is the first, a cut or the middle of a dissolve leads to it, or it goes on with a take."""

_EDITION = "7"
"""Part of every name: when shots come to be found differently, they are found anew."""
_GLIMPSE = 0.25
"""Seconds below which a shot is joined to a neighbour in any case: too few frames would be left of it to be sent."""
_SCANNED = 0.8
"""Share of the time of finding shots that the frames take; the rest go to the faces where takes are divided."""


@dataclass(frozen=True)
class Shot:
    """A stretch of a reference that is one job, or a part of the film without one."""

    begin: int
    """Its first frame, counted in the reference from 0."""
    end: int
    """The frame before which it ends."""
    start: float
    """Second of its first frame in the reference."""
    stop: float
    """Second at which its last frame ends."""
    opening: Opening = "cut"
    cuts: tuple[int, ...] = ()
    """Frames of the reference within it at which the picture jumps, where short shots were joined."""

    @property
    def frames(self) -> int:
        """The number of its frames in the reference."""
        return self.end - self.begin

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.stop - self.start

    def notes(self, sent: Video | None) -> tuple[str, ...]:
        """Return sentences on what to know of it before it is paid for.

        Args:
            sent: the piece of the reference that is sent for it; None where none is.
        """
        said = []
        if sent is not None and (sent.duration or 0.0) < family.VIDEO_LIMITS.min_seconds - NEARLY:
            said.append(f"Shorter than {family.VIDEO_LIMITS.min_seconds:g} s: a service may refuse it.")
        if sent is not None and (sent.frames or 0) > family.WINDOW_FRAMES:
            said.append(f"More than {family.WINDOW_FRAMES} frames are sent, so that its colours may drift.")
        if self.cuts:
            said.append(f"Joined of {len(self.cuts) + 1} shots.")
        if self.opening == "dissolve":
            said.append("Begins in the middle of a dissolve.")
        return tuple(said)


@dataclass(frozen=True)
class Footage:
    """A reference whose frames were all looked at once."""

    times: tuple[float, ...]
    """Second of each frame."""
    stop: float
    """Second at which the last one ends."""
    shots: tuple[Shot, ...]
    flashes: tuple[float, ...] = ()
    """Seconds at which light flashes up within a shot."""
    damaged: int = 0
    """Frames that are missing or spoilt, as the file is damaged there."""


@dataclass(frozen=True)
class Scan:
    """The frames of a reference, and where its picture changes to another shot."""

    times: Sequence[float]
    """Second of each frame."""
    stop: float
    """Second at which the last one ends."""
    openings: Sequence[tuple[int, Opening]]
    """The frames with which shots begin by a cut or a dissolve, and by which."""
    steps: Sequence[float]
    """Change of each frame from the one before; see media.checks.cuts.TransitionFinder."""
    flashes: Sequence[int]
    """Frames with which flashes begin."""
    damaged: int
    """Frames that are missing or spoilt."""


def clock(seconds: float) -> str:
    """Return a moment of a film, to a tenth of a second: "1:02.5"."""
    minutes, tenths = divmod(round(seconds * 10), 600)
    return f"{minutes}:{tenths // 10:02}.{tenths % 10}"


def longest_shot(fps: float) -> float:
    """Return the seconds of a shot that one job holds without drift, at the rate that is paid for.

    That is one window of the model, as long as a service takes a reference as short as that.
    """
    limits = family.VIDEO_LIMITS
    return min(limits.max_seconds, max(limits.min_seconds, family.WINDOW_FRAMES / fps))


def find_shots(
    video: Video, *, longest: float, overlap: float = 0.0, on_progress: OnProgress = lambda _share, _what: None
) -> Footage:
    """Return the shots of a reference; found once for a file and its arguments, and then remembered.

    All frames are decoded for it, and faces are read where a take is divided. It is remembered so that the same film
    has the same shots tomorrow, and none of them is bought twice.

    Args:
        video: the reference, a file.
        longest: seconds of a job at most.
        overlap: seconds by which jobs inside a take begin earlier than their shots.
        on_progress: is told how far it is; what it raises ends the search.

    Raises:
        MediaError: it is a web address, has changed, or breaks on the way.
        StorageError: the data directory cannot be written.
    """
    if video.path is None:
        raise not_a_file(video)
    kept = _kept("shots", f"{identity(video.url, video.sha256)} {longest:.6f} {overlap:.6f}")
    found = _read(kept, _footage)
    if found is None:
        scan = _scan(video, on_progress)
        found = _divided(video, scan, longest, overlap, on_progress)
        _write(kept, found)
    return found


def _scan(video: Video, on_progress: OnProgress) -> Scan:
    """Return the frames and transitions of a reference: the longest part of the search, the same for any film."""
    from ..media.checks.cuts import HEIGHT, TransitionFinder
    from ..video.prefetch import prefetch
    from ..video.read import frames

    kept = _kept("scan", str(identity(video.url, video.sha256)))
    if scan := _read(kept, lambda facts: Scan(**facts)):
        return scan
    path = original_file(video)
    finder, times, length, damaged = TransitionFinder(), [], video.duration or 1.0, 0
    for frame in prefetch(frames(path, height=HEIGHT)):
        finder.add(frame.pixels)
        times.append(round(frame.time, 6))
        damaged = frame.damaged
        on_progress(_SCANNED * min(1.0, frame.time / length), "Finding the cuts")
    stop = max(video.duration or 0.0, times[-1] + NEARLY)
    found = [(one.frame, one.kind) for one in finder.found()]
    scan = Scan(times, stop, found, [round(step, 6) for step in finder.steps], finder.flashes(), damaged)
    _write(kept, scan)
    return scan


def _divided(video: Video, scan: Scan, longest: float, overlap: float, on_progress: OnProgress) -> Footage:
    times, stop = scan.times, scan.stop
    openings: dict[int, Opening] = dict(scan.openings)
    shortest = family.VIDEO_LIMITS.min_seconds

    def report(second: float) -> None:
        on_progress(_SCANNED + (1 - _SCANNED) * min(1.0, second / stop), "Dividing long takes")

    for begin, end in itertools.pairwise([0, *sorted(openings), len(times)]):
        ends = times[end] if end < len(times) else stop
        own, steps = times[begin:end], scan.steps[begin:end]
        # A job holds what it repeats of the shot before, too.
        most = longest if ends - own[0] <= longest + NEARLY else max(shortest, longest - overlap)
        for part in divide(video, own, ends, steps, longest=most, shortest=shortest, on_look=report):
            openings[begin + part] = "split"
    shots = shots_between(times, stop, openings)
    joined = join_short(shots, longest=longest, shortest=shortest)
    return Footage(tuple(times), stop, tuple(joined), tuple(times[frame] for frame in scan.flashes), scan.damaged)


def shots_between(times: Sequence[float], stop: float, openings: dict[int, Opening]) -> list[Shot]:
    """Return the shots between some frames.

    Args:
        times: second of each frame of the reference.
        stop: second at which the last one ends.
        openings: the frames with which all shots but the first begin, and how.
    """
    begins = [0, *sorted(openings)]
    return [
        Shot(begin, end, times[begin], times[end] if end < len(times) else stop, openings.get(begin, "beginning"))
        for begin, end in itertools.pairwise([*begins, len(times)])
    ]


def join_short(shots: Iterable[Shot], *, longest: float, shortest: float) -> list[Shot]:
    """Join shots that are too short for a service to the shorter neighbour, as long as both hold in one job.

    Args:
        shots: one after another.
        longest: seconds of a job at most.
        shortest: seconds of a job at least.
    """
    joined = list(shots)
    at = 0
    while at < len(joined):
        if joined[at].seconds >= shortest - NEARLY:
            at += 1
            continue
        pairs = [first for first in (at - 1, at) if 0 <= first < len(joined) - 1]
        most = math.inf if joined[at].seconds < _GLIMPSE else longest + NEARLY
        fitting = [first for first in pairs if joined[first + 1].stop - joined[first].start <= most]
        if not fitting:
            at += 1
            continue
        first = min(fitting, key=lambda first: joined[first + 1].stop - joined[first].start)
        joined[first : first + 2] = [together(joined[first], joined[first + 1])]
        at = first
    return joined


def together(first: Shot, second: Shot) -> Shot:
    """Return two shots as one; where the picture jumps between them, it is remembered."""
    jump = () if second.opening == "split" else (second.begin,)
    return replace(first, end=second.end, stop=second.stop, cuts=(*first.cuts, *jump, *second.cuts))


def apart(shot: Shot, frame: int, time: float, opening: Opening) -> tuple[Shot, Shot]:
    """Return a shot as two, of which the second begins with a frame.

    Args:
        shot: to be divided.
        frame: of the reference, within the shot.
        time: its second.
        opening: how the second shot comes about.

    Raises:
        InvalidRequest: the frame is not within the shot, or is its first.
    """
    if not shot.begin < frame < shot.end:
        raise InvalidRequest(f"Frame {frame} does not divide a shot of frames {shot.begin} to {shot.end - 1}.")
    before = tuple(cut for cut in shot.cuts if cut < frame)
    after = tuple(cut for cut in shot.cuts if cut > frame)
    return replace(shot, end=frame, stop=time, cuts=before), Shot(frame, shot.end, time, shot.stop, opening, after)


def _kept(what: str, of: str) -> Path:
    """Return where something that was found is remembered."""
    digest = hashlib.sha256(f"{_EDITION} {of}".encode()).hexdigest()[:32]
    return subfolder("films") / f"{what}-{digest}.json"


def _footage(kept: dict[str, Any]) -> Footage:
    shots = tuple(Shot(**one | {"cuts": tuple(one["cuts"])}) for one in kept["shots"])
    return Footage(tuple(kept["times"]), kept["stop"], shots, tuple(kept["flashes"]), kept["damaged"])


def _read(path: Path, understand: Callable[[dict[str, Any]], _T]) -> _T | None:
    """Return what was remembered; None where there is nothing, or it cannot be understood."""
    try:
        return understand(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, found: Footage | Scan) -> None:
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(asdict(found)), encoding="utf-8")
