"""Kernels that are killed while they run a program, and what a service took from them."""

import collections
import subprocess
import sys
from pathlib import Path

import httpx

from wan_notebook.client import Service


def notebook(service: Service, image: Path, video: Path, code: str) -> "subprocess.Popen[str]":
    """Start a kernel, and return once it is about to submit a job."""
    command = [sys.executable, "-c", code, str(image), str(video), service.base_url]
    kernel = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert kernel.stdout is not None
    assert kernel.stdout.readline() == "ready\n"
    return kernel


def kill_after(seconds: float, service: Service, image: Path, video: Path, code: str) -> None:
    """Run a kernel and kill it so many seconds after it began to submit."""
    with notebook(service, image, video, code) as kernel:
        try:
            kernel.wait(seconds)
        except subprocess.TimeoutExpired:
            kernel.kill()


def bought(service: Service) -> dict[str, list[str]]:
    """The ids of the jobs that the service has taken, by the id which the client gave the submit."""
    found = collections.defaultdict(list)
    more, offset = True, 0
    while more:
        query = {"period": "24h", "limit": 100, "offset": offset}
        answer = httpx.get(
            f"{service.base_url}/v2/logs", params=query, headers={"Authorization": "Bearer token"}
        ).json()
        for row in answer["data"]:
            found[row["client_request_id"]].append(row["inference_id"])
        more, offset = answer["pagination"]["has_more"], offset + 100
    return dict(found)
