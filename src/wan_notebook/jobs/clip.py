"""A finished clip: a file on disk, and everything about how it came to be."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from ..client.service import canonical_service
from ..errors import InvalidRequest, StorageError
from ..model import family
from ..model.formatting import decimal
from ..model.job import Job, Request, local_path
from ..runtime.data_dir import atomic_write, expanded, subfolder

if TYPE_CHECKING:
    from IPython.display import HTML

    from .recipe import Recipe


_KINDS = ("video/mp4", "video/x-m4v")
"""Of files whose name a clip may bear, as far as it names a kind."""
_DIGEST = re.compile("[0-9a-f]{32}")
"""How an input is called that came without a name, or was prepared; see media.store."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip which is saved; as the last line of a cell it plays."""

    path: Path
    request: Request | None
    """What was asked; None of a job that was begun elsewhere and taken over by its id."""
    job: Job
    recipe: Recipe | None = None
    """Its inputs as they were chosen, their preparation and its settings; None where nobody knows them."""
    finished: Mapping[str, Any] | None = None
    """What finish() made of the clip named "of", and the numbers of the "result"; None of a clip as it was bought."""
    film: Mapping[str, Any] | None = None
    """The "shots" that it was joined of, their "frames" in all and "notes" on them; None of the clip of one job."""

    @property
    def url(self) -> str | None:
        """Where the service offered it; such addresses expire."""
        return self.job.video

    @property
    def settings(self) -> dict[str, Any]:
        """The settings it was made with, and how its inputs were prepared, as keyword arguments of animate()."""
        settings = self.request.settings if self.request else {}
        return settings if self.recipe is None else settings | self.recipe.choices

    @property
    def title(self) -> str:
        """The names of character and reference, as far as both came under a name, else the file's own name."""
        if self.recipe is not None:
            named = [one.name for one in (self.recipe.image, self.recipe.video)]
        else:
            named = [self.request.image_url, self.request.video_url] if self.request else []
        return " · ".join(filter(None, map(_name, named))) or self.path.name

    @property
    def download_name(self) -> str:
        """The name of a download, as "hero_dance_move.mp4"; the file's own name where its inputs have none."""
        model = family.MODELS.get(str(self.settings.get("model")))
        mode = model.mode if model is not None else ""
        names = [name.rpartition(".")[0] or name for name in self.title.split(" · ") if name != self.path.name]
        parts = [re.sub(r"[^\w-]+", "_", name).strip("_")[:40] for name in (*names, mode)]
        return f"{'_'.join(filter(None, parts))}.mp4" if names else self.path.name

    @property
    def reference(self) -> Path | None:
        """The reference video, where it is a file that still exists."""
        return _existing(self.request.video_url) if self.request else None

    @property
    def character(self) -> Path | None:
        """The character image, where it is a file that still exists."""
        return _existing(self.request.image_url) if self.request else None

    @property
    def changes(self) -> list[str]:
        """What finish() has changed, as phrases."""
        wishes = self.finished or {}
        told = {
            "fps": f"{decimal(wishes.get('fps') or 0)} fps",
            "colours": "steady colours",
            "sound": "reference's sound",
        }
        return [phrase for name, phrase in told.items() if wishes.get(name) is not None]

    @property
    def shot_starts(self) -> list[float]:
        """Seconds with which the shots of a film begin; none of the clip of one job."""
        shots = (self.film or {}).get("shots", ())
        return [shot["start"] for shot in shots if "start" in shot]

    def finish(
        self,
        *,
        fps: float | Literal["reference"] | None = None,
        colours: Literal["steady"] | None = None,
        sound: Literal["reference"] | None = None,
        reference: Any = None,
    ) -> Clip:
        """Make a new clip at another frame rate, with steady colours or another sound; this one stays as it is.

        It is made at most once, beside the clips that were bought, in another process; interrupted, it leaves nothing.

        Args:
            fps: frames per second, from 1 to 120, or "reference" for the reference's own rate and number of frames,
                also where it was re-timed to fewer. The pictures between follow the motion; where that is in doubt,
                the nearer frame stands.
            colours: "steady" undoes the slow drift of a clip that is longer than the model's window of 77 frames,
                measured where nothing moves; in Replace also what the whole is off from the reference's background.
            sound: "reference" lays the reference's sound under it; None keeps the clip's own.
            reference: the reference as it was chosen, where it lies elsewhere by now.

        Returns:
            The new clip, with this one's job and settings.

        Raises:
            InvalidRequest: nothing is asked, or a value is none of those allowed.
            MediaError: the clip or its reference cannot be read, or the reference is gone or not known.
            StorageError: the new file cannot be written.
        """
        from .finish import Wish, finish_clip

        return finish_clip(self, Wish(fps, colours, sound, reference))

    def save(
        self, target: str | Path, *, label: bool = False, sign: tuple[str | Path, str | Path] | None = None
    ) -> Path:
        """Copy the clip to a file or into a folder, and return where it is.

        Args:
            target: the file or the folder.
            label: whether every frame of the copy bears the mark "AI-generated", for who must disclose it; the clip
                itself stays as it is.
            sign: two PEM files, a certificate's chain and its private key, with which content credentials (C2PA) are
                written into the copy.

        Raises:
            StorageError: the place cannot be written.
            MediaError: the clip cannot be read, to be labelled.
            InvalidRequest: the copy would take the clip's own place, its name is that of another kind of file, or the
                certificate cannot sign.
            WanError: sign= needs c2pa-python, which is not installed.
        """
        from .credentials import signer_of

        chosen = expanded(target)
        chosen = chosen / self.path.name if chosen.is_dir() else chosen
        kind = mimetypes.guess_type(chosen.name)[0]
        if kind and kind not in _KINDS:
            right = chosen.with_suffix(".mp4").name
            raise InvalidRequest(f"{chosen.name} would be no {chosen.suffix[1:]}: a clip is an MP4. Name it {right}.")
        if (label or sign) and chosen.resolve() == self.path.resolve():
            raise InvalidRequest(f"{chosen} is the clip itself, which stays as it is. Name another file.")
        signer = signer_of(sign) if sign else None
        with atomic_write(chosen) as partial:
            if label:
                from .finish import save_labelled

                save_labelled(self, partial)
            else:
                shutil.copyfile(self.path, partial)
            if signer is not None:
                signer.sign(partial, chosen.name, self.job)
        return chosen

    def show(self) -> None:
        """Play the clip here; nothing of it but its first frame is stored in the notebook."""
        from IPython.display import display

        display(self)

    def embed(self, *, max_megabytes: float = 10) -> HTML:
        """Return the clip with all of its bytes, so that a saved notebook plays it without a kernel.

        Args:
            max_megabytes: the size from which on that is refused.

        Raises:
            InvalidRequest: the clip is larger.
        """
        from ..widgets.display.clip import embedded_video

        return embedded_video(self.path, max_megabytes=max_megabytes)

    @property
    def widget(self) -> Any:
        """A new widget that plays this clip, to be composed with others."""
        from ..widgets.display.clip import ClipWidget

        return ClipWidget(self)

    def _display_(self) -> Any:
        return self.widget  # what marimo asks for

    def _ipython_display_(self) -> None:
        self.widget._ipython_display_()

    def __repr__(self) -> str:
        return f"Clip({str(self.path)!r})"


def clip_path(job: Job, base_url: str) -> Path:
    """Return where the clip of a job is kept; always the same place for the same job of the same service."""
    digest = hashlib.sha256(f"{canonical_service(base_url)}\0{job.id}".encode()).hexdigest()[:12]
    return subfolder("clips") / f"clip-{digest}.mp4"


def write_recipe(clip: Clip) -> None:
    """Write how a clip was made beside the file and into it.

    Raises:
        MediaError: the file cannot be read.
        StorageError: it cannot be written.
    """
    write_sidecar(clip)
    write_description(clip)


def write_sidecar(clip: Clip, *, public: bool = False) -> None:
    """Write the settings beside the clip, so that the file explains itself wherever it goes.

    Args:
        clip: with its file.
        public: whether to leave out what is nobody else's business; see runtime.redaction.
    """
    facts: Mapping[str, Any] = {
        "request": clip.request and clip.request.as_json(),
        "job": clip.job.as_json(),
        "recipe": clip.recipe and clip.recipe.as_json(),
        "finished": clip.finished,
    } | ({} if clip.film is None else {"film": clip.film})
    if public:
        from ..runtime.redaction import public_value

        facts = public_value(facts)
    with atomic_write(clip.path.with_suffix(".json")) as partial:
        partial.write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")


def open_clip(path: str | Path) -> Clip:
    """Return a clip that was kept before.

    Raises:
        StorageError: the file, or the settings beside it, cannot be read.
    """
    from .recipe import Recipe

    found = Path(path)
    try:
        facts = json.loads(found.with_suffix(".json").read_text(encoding="utf-8"))
        if not found.is_file():
            raise FileNotFoundError(2, "no such file")
        request = facts["request"] and Request(**facts["request"])
        recipe = facts.get("recipe") and Recipe.read(facts["recipe"])
        return Clip(found, request, Job.read(facts["job"]), recipe, facts.get("finished"), facts.get("film"))
    except (OSError, ValueError, KeyError) as error:
        raise StorageError(f"{found} is not a kept clip: {error}") from None


def write_description(clip: Clip) -> None:
    """Write the recipe into the clip's own metadata, as its description, unless it is there already.

    Raises:
        MediaError: the file cannot be read.
        StorageError: it cannot be written.
    """
    from ..video.metadata import describe, description

    if clip.recipe is not None and not description(clip.path):
        describe(clip.path, description_of(clip.job, clip.recipe))


def description_of(job: Job, recipe: Recipe) -> str:
    """Return how a clip was made, as its own metadata tells it.

    That goes wherever the file goes, so it has names and digests of the inputs, and no folder and no secret.
    """
    from ..runtime.redaction import public_value

    facts = {"job": job.id, "recipe": recipe.as_json(compact=True)}
    return json.dumps(public_value(facts), ensure_ascii=False)


def described(path: Path) -> tuple[str, Recipe] | None:
    """Return the job's id and the recipe from the metadata of a clip of ours; None of any other video.

    Raises:
        MediaError: the file cannot be read.
    """
    from ..video.metadata import description
    from .recipe import Recipe

    try:
        facts = json.loads(description(path))
        return str(facts["job"]), Recipe.read(facts["recipe"])
    except (ValueError, KeyError, TypeError):
        return None


def _name(url: str) -> str:
    """The name at the end of an address; empty where there is none, or one that was made of the content."""
    name = "" if url.startswith("data:") else Path(unquote(urlsplit(url).path)).name
    return "" if _DIGEST.fullmatch(Path(name).stem) else name


def _existing(url: str) -> Path | None:
    path = local_path(url)
    return path if path is not None and path.is_file() else None
