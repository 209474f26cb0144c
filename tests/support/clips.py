"""Clips with their records, as though a service had made them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wan_notebook.jobs.clip import Clip, clip_path, write_sidecar
from wan_notebook.jobs.recipe import Input, Recipe
from wan_notebook.media import video
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_video
from wan_notebook.model.job import Job, Request

from .services import HOSTED


def clip_of(reference: Path, path: Path | None = None, model: str = "move", **preparation: Any) -> Clip:
    """A clip that shows what was sent, with its record."""
    chosen = video(reference)
    sent = prepared_video(chosen, Preparation(**preparation))
    assert sent.path is not None
    job = Job(id="job-1", status="completed")
    request = Request(image_url="https://example.org/hero.png", video_url=sent.url, model=model)
    recipe = Recipe(video=Input.of(chosen.url, chosen), settings=request.settings, prepare_video=preparation)
    clip = Clip(clip_path(job, HOSTED.base_url), request, job, recipe)
    clip.path.write_bytes((path or sent.path).read_bytes())
    write_sidecar(clip)
    return clip
