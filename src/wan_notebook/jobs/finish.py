"""Finishing a clip: at the full rate of its reference, with steady colours, or with the reference's sound."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from ..errors import InvalidRequest, MediaError
from ..finishing.background import finish_in_background, label_in_background
from ..model import family
from ..model.formatting import second
from ..model.job import local_path
from ..runtime import event_loop
from ..runtime.data_dir import subfolder
from ..runtime.worker_pool import shared_pool
from .progress_bar import OnProgress, progress_bar

if TYPE_CHECKING:
    from ..finishing.finish import Finish
    from ..media.preparation import Preparation
    from ..media.prepare import ExpectedVideo
    from ..media.video import Video
    from ..video.probe import VideoInfo
    from .clip import Clip

FrameRate: TypeAlias = float | Literal["reference"] | None
T = TypeVar("T")

_RECIPE = "5"
"""Part of every name: when clips come to be finished differently, their files get other names."""
_RATES = 1, 120
"""Frames per second, the lowest and the highest."""
_REFRESH = 0.2
"""Seconds between two refreshes of the bar, whose clock goes on."""


@dataclass(frozen=True)
class Wish:
    """What shall be done to a clip; see Clip.finish() for each.

    Raises:
        InvalidRequest: nothing shall be done, or a value is none of those allowed.
    """

    fps: FrameRate = None
    colours: Literal["steady"] | None = None
    sound: Literal["reference"] | None = None
    reference: Any = None

    def __post_init__(self) -> None:
        from ..media.preparation import is_number

        low, high = _RATES
        if not (self.fps in (None, "reference") or (is_number(self.fps) and low <= float(self.fps) <= high)):
            raise InvalidRequest(f'fps is {self.fps!r}, but must be "reference" or a number from {low} to {high}.')
        if self.colours not in (None, "steady"):
            raise InvalidRequest(f'colours is {self.colours!r}, but must be "steady" or None.')
        if self.sound not in (None, "reference"):
            raise InvalidRequest(f'sound is {self.sound!r}, but must be "reference" or None.')
        if self.fps is None and self.colours is None and self.sound is None:
            raise InvalidRequest(
                'Nothing is to be done. Say what: fps="reference", colours="steady", sound="reference".'
            )


def finish_clip(clip: Clip, wish: Wish) -> Clip:
    """Finish a clip and wait for it; a bar shows the progress. The interrupt button ends the work.

    Raises:
        WanError: as for finished_clip().
        KeyboardInterrupt: it was interrupted; nothing of it is left.
    """
    return _followed(lambda tell: finished_clip(clip, wish, tell))


def save_labelled(clip: Clip, target: Path) -> None:
    """Write a clip whose frames bear the mark "AI-generated", and wait for it; a bar shows the progress.

    Raises:
        MediaError: the clip cannot be read.
        StorageError: the target cannot be written.
        WanError: a library is missing, or the process died.
        KeyboardInterrupt: it was interrupted; nothing of it is left.
    """

    async def labelled(tell: OnProgress) -> None:
        await label_in_background(shared_pool(), clip.path, target, tell)

    _followed(labelled)


def _followed(begin: Callable[[OnProgress], Coroutine[Any, Any, T]]) -> T:
    """Wait for some work on the event loop while a bar shows its progress, and return its result.

    Args:
        begin: returns the work; is given what to tell how far it is.

    Raises:
        KeyboardInterrupt: it was interrupted; the work has ended.
    """
    latest = [(0.0, "")]
    work = begin(lambda share, what: latest.append((share, what)))
    future = event_loop.start(work)
    with progress_bar() as draw:
        try:
            while not _is_done(future):
                draw(*latest[-1])
        except KeyboardInterrupt:
            event_loop.end(future, work)
            raise KeyboardInterrupt("Not finished; the clip stays as it is, and nothing half-made is left.") from None
    return event_loop.wait(future)


def _is_done(future: concurrent.futures.Future[Any]) -> bool:
    """Wait for a moment, and return whether it is done; raise its error where it failed."""
    try:
        event_loop.wait(future, _REFRESH)
    except TimeoutError:
        return False
    return True


async def finished_clip(
    clip: Clip,
    wish: Wish,
    on_progress: OnProgress = lambda _share, _what: None,
) -> Clip:
    """Return a new clip that is finished; made at most once, in another process. The clip itself stays as it is.

    Args:
        clip: the clip.
        wish: what shall be done.
        on_progress: is told how far it is, 0 to 1, and what is being done.

    Raises:
        MediaError: the clip, its reference or its sound cannot be read, or the reference is not known, gone, or another
            one of another length than the clip.
        StorageError: the new file cannot be written.
        WanError: a library is missing, or the process died.
    """
    from .clip import open_clip, write_recipe

    wanted = await event_loop.in_daemon_thread(lambda: wanted_finish(clip, wish))
    if wanted is None:
        return clip
    target = await event_loop.in_daemon_thread(lambda: finished_path(clip, wanted))
    # Where only the settings are gone, both are made once more.
    if target.with_suffix(".json").exists() and target.exists():
        return open_clip(target)
    report = await finish_in_background(shared_pool(), clip.path, target, wanted, on_progress)
    wishes = {"fps": wanted.fps, "colours": wish.colours, "sound": wish.sound}
    facts = {"of": clip.path.name, **wishes, "result": dataclasses.asdict(report)}
    made = replace(clip, path=target, finished=facts)
    await event_loop.in_daemon_thread(lambda: write_recipe(made))
    return made


def wanted_finish(clip: Clip, wish: Wish) -> Finish | None:
    """Return what a wish means for a clip; None where the clip is so already.

    Raises:
        MediaError: as for finished_clip().
    """
    from ..finishing.finish import Finish
    from ..media.checks.cuts import transitions_in
    from ..media.preparation import Preparation
    from ..media.prepare import expected_video
    from ..video.probe import probe
    from ..video.read import frame_times

    info = probe(clip.path)
    preparation = Preparation(**(clip.recipe.prepare_video if clip.recipe else {}))
    wanted = Finish()
    if wish.fps == "reference":
        original = original_reference(clip, wish)
        assert original.path is not None
        whole = expected_video(original, Preparation(start=preparation.start, end=preparation.end))
        sent = expected_video(original, preparation)
        if wish.reference is not None and not (clip.recipe and original.sha256 == clip.recipe.video.sha256):
            _refuse_other_length(original.name, whole.duration, sent, info)
        times = tuple(
            round(time - whole.start, 6) for time in frame_times(original.path, start=whole.start, end=preparation.end)
        )
        if not _is_at(clip.path, info.frames, times):
            changes = transitions_in(original.path, start=whole.start, end=preparation.end)
            cuts = tuple(change.frame for change in changes if change.kind == "cut")
            wanted = Finish(whole.fps, times, sent.frames, sent.fps, cuts)
    elif wish.fps is not None and abs(wish.fps - info.fps) > 0.001:
        wanted = Finish(float(wish.fps))
    # A film's shots were steadied as it was joined, and against its first shot the others cannot be measured.
    if wish.colours is not None and clip.film is None:
        replaces = clip.settings.get("model") == family.REPLACE.id
        reference = sent_reference(clip, wish, preparation, needed=replaces)
        wanted = replace(wanted, steady=True, reference=str(reference) if reference else None, replaces=replaces)
    if wish.sound is not None:
        original = original_reference(clip, wish)
        if not original.has_audio:
            raise MediaError(f"{original.name} has no sound.")
        wanted = replace(wanted, sound=str(original.path), sound_start=preparation.start)
    return None if wanted == Finish() else wanted


def _refuse_other_length(name: str, seconds: float, sent: ExpectedVideo, clip: VideoInfo) -> None:
    """Refuse a video that somebody named for a clip of another length.

    Args:
        name: of the video.
        seconds: of the stretch of it that belongs to the clip.
        sent: the measures of that stretch as it is sent.
        clip: the measures of the clip.

    Raises:
        MediaError: they differ by more than the few frames that a service may return too many or too few.
    """
    from ..finishing.moments import few

    some = few(sent.frames)
    if abs(clip.frames - sent.frames) > some and abs(clip.duration - seconds) > some / sent.fps:
        fate = "whose end would be lost" if clip.duration > seconds else "whose last frame would stand for the rest"
        raise MediaError(
            f"{name} has {second(seconds)} s for this clip of {second(clip.duration)} s, {fate}.",
            "Name the video from which the clip was made, or a rate: clip.finish(fps=30).",
        )


def _is_at(clip: Path, frames: int, times: Sequence[float]) -> bool:
    """Whether a clip has these frames and no others, each at its time, from the first of them on."""
    from ..finishing.moments import NEARLY
    from ..video.read import frame_times

    if frames != len(times):
        return False
    pairs = zip(frame_times(clip), times, strict=False)
    return all(abs(own - (time - times[0])) <= NEARLY for own, time in pairs)


def original_reference(clip: Clip, wish: Wish) -> Video:
    """Return the reference of a clip as it was chosen, before any preparation.

    Raises:
        MediaError: nobody knows it, it is a web address, gone or another file by now.
    """
    from ..media.store import check_unchanged
    from ..media.video import video

    in_code = 'Name it: clip.finish(…, reference="dance.mp4").'
    if wish.reference is not None:
        chosen = video(wish.reference)
        if chosen.path is None:
            raise MediaError(f"{chosen.name} is a web address. Download it and name the file.")
        return chosen
    source = clip.recipe.video if clip.recipe else None
    url = source.url if source and source.url else clip.request.video_url if clip.request else ""
    path = local_path(url)
    if path is None:
        why = "is not on this machine" if url else "is not known"
        raise MediaError(f"The reference of this clip {why}.", in_code)
    if not path.is_file():
        raise MediaError(f"{path}, the reference of this clip, is not there any more.", in_code)
    check_unchanged(path, source.sha256 if source else None)
    return video(path)


def sent_reference(clip: Clip, wish: Wish, preparation: Preparation, *, needed: bool) -> Path | None:
    """Return the reference of a clip as it was sent, prepared once more where that file is gone.

    Args:
        clip: the clip.
        wish: with the reference, where the one that was chosen lies elsewhere.
        preparation: of the reference.
        needed: whether to refuse where there is none, rather than return None.

    Raises:
        MediaError: as for original_reference(), where it is needed or was named.
        StorageError: the data directory cannot be written.
    """
    from ..media.prepare import prepared_video

    if wish.reference is None and clip.reference is not None:
        return clip.reference
    try:
        return prepared_video(original_reference(clip, wish), preparation).path
    except MediaError:
        if needed or wish.reference is not None:
            raise
        return None


def finished_path(clip: Clip, wanted: Finish) -> Path:
    """Return where a finished clip is kept; always the same place for the same clip and the same wish."""
    from ..media.store import sha256_of

    files = [clip.path, *(Path(path) for path in (wanted.reference, wanted.sound) if path)]
    facts = [_RECIPE, dataclasses.asdict(wanted), [sha256_of(path) for path in files]]
    digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]
    return subfolder("clips") / f"finished-{digest}.mp4"
