"""The clip of a finished job: fetched, and how it was made written into it and beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import WanError
from ..runtime import daemon_threads
from ..runtime.event_loop import in_daemon_thread
from .clip import Clip, description_of, write_recipe, write_sidecar

if TYPE_CHECKING:
    from ..client import Client
    from ..video.playback import Playback


async def fetch_clip(client: Client, clip: Clip) -> list[str]:
    """Save the file of a clip, unless it is there already, with its recipe in it and beside it.

    Args:
        client: of the job's service.
        clip: of a finished job.

    Returns:
        Sentences on what could not be written. That harms no clip: the journal knows the settings as well.

    Raises:
        WanError: as for Client.download().
    """
    troubles: list[str] = []

    def complete(partial: Path, playback: Playback) -> None:
        try:
            complete_clip(clip, partial, playback)
        except WanError as error:
            troubles.append(str(error))

    if not clip.path.is_file():
        await client.download(clip.job, clip.path, complete)
        return troubles
    try:
        await in_daemon_thread(lambda: write_recipe(clip), daemon_threads.decode)
    except WanError as error:
        troubles.append(str(error))
    return troubles


def complete_clip(clip: Clip, partial: Path, playback: Playback) -> None:
    """Write the recipe of a clip into the file that is about to become it, and beside its place.

    Args:
        clip: whose file is not there yet.
        partial: the file, whole.
        playback: of that.

    Raises:
        StorageError: one of both cannot be written.
    """
    from ..video.metadata import append_description

    if clip.recipe is not None and not playback.description:
        append_description(partial, description_of(clip.job, clip.recipe))
    write_sidecar(clip)
