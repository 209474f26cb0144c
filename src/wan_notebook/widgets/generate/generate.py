"""The row that begins a job: what it will cost, who makes it, and the button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from ..bundle import script, style
from ..frontend import FrontEnd, Handler


class Caution(TypedDict):
    """Something worth knowing before a job is begun."""

    topic: str
    text: str
    remedy: str
    """What a button that helps says; empty where none can."""


class CommandBar(FrontEnd):
    """The button that begins a job, with what it costs beside it.

    Args:
        on_generate: called with whether a clip which exists already is to be made anew.
        on_stop: called when the job is no longer to be watched.
        on_service: called with the key of the service chosen.
        on_watch: called with the key of an earlier job which is to be watched again.
        on_balance: called when a person asks what is left on the account.
        on_remedy: called with the topic of a warning that is to be helped.
        on_samples: called when a person who has nothing at hand wants to try the samples.
    """

    _esm = script("generate/generate.js")
    _css = style("generate/generate.css")

    def __init__(
        self,
        *,
        on_generate: Callable[[bool], None],
        on_stop: Callable[[], None],
        on_service: Callable[[str], None],
        on_watch: Callable[[str], None],
        on_balance: Callable[[], None],
        on_remedy: Callable[[str], None],
        on_samples: Callable[[], None],
    ) -> None:
        super().__init__()
        self._on_generate, self._on_stop = on_generate, on_stop
        self._on_service, self._on_watch, self._on_remedy = on_service, on_watch, on_remedy
        self._on_balance, self._on_samples = on_balance, on_samples
        self.state = {
            "busy": False,
            "ready": False,
            "empty": True,
            "made_before": False,
            "price": "",
            "paid": False,
            "balance": "",
            "service": "",
            "services": [],
        }
        self.state |= {"warnings": [], "waiting": [], "code": "", "trouble": ""}

    def render(
        self,
        *,
        busy: bool,
        ready: bool,
        empty: bool,
        made_before: bool,
        price: str,
        paid: bool,
        balance: str,
        service: str,
        services: Mapping[str, str],
        warnings: Sequence[Caution],
        waiting: Mapping[str, str],
        code: str,
    ) -> None:
        """Show this.

        Args:
            busy: whether a job is under way.
            ready: whether everything that a job needs is chosen.
            empty: whether nothing of it is, so that samples are offered.
            made_before: whether the same was asked before, so that another one is made on purpose only.
            price: what the job will cost, or what is still to be chosen, in words.
            paid: whether it will cost money, so that a balance can be asked for.
            balance: what is left on the account, in words, once it was asked for.
            service: the key of the service that would make it.
            services: labels by key.
            warnings: what is worth knowing before the job is begun.
            waiting: jobs of before which still run: labels by key.
            code: the cell which does the same.
        """
        self.state = {
            "busy": busy,
            "ready": ready,
            "empty": empty,
            "made_before": made_before,
            "price": price,
            "paid": paid,
            "balance": balance,
            "service": service,
            "services": [{"key": key, "label": label} for key, label in services.items()],
            "warnings": list(warnings),
            "waiting": [{"id": job_id, "label": label} for job_id, label in waiting.items()],
            "code": code,
            "trouble": "",
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "generate": lambda message, _buffers: self._on_generate(bool(message.get("again"))),
            "samples": lambda _message, _buffers: self._on_samples(),
            "balance": lambda _message, _buffers: self._on_balance(),
            "stop": lambda _message, _buffers: self._on_stop(),
            "service": lambda message, _buffers: self._on_service(str(message["key"])),
            "watch": lambda message, _buffers: self._on_watch(str(message["id"])),
            "remedy": lambda message, _buffers: self._on_remedy(str(message["topic"])),
        }

    def _show_failure(self, message: Any) -> None:
        self.state = {**self.state, "trouble": message}
