"""What a function that takes the model's settings tells of itself: help and completion list them by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any, TypeVar

from .model import family

F = TypeVar("F", bound=Callable[..., Any])


def lists_settings(function: F) -> F:
    """Let a function's signature name every setting, with the model's own default, in place of its **settings."""
    told = inspect.signature(function)
    named = [one for one in told.parameters.values() if one.kind is not Parameter.VAR_KEYWORD]
    defaults = {"model": family.MOVE.mode, **family.DEFAULTS, "extra": None}
    settings = [Parameter(name, Parameter.KEYWORD_ONLY, default=value) for name, value in defaults.items()]
    vars(function)["__signature__"] = told.replace(parameters=[*named, *settings])
    return function


def takes_the_same(other: Callable[..., Any]) -> Callable[[F], F]:
    """Let a function's signature be that of another to which it hands everything on; what it returns is its own."""

    def told(function: F) -> F:
        returned = inspect.signature(function).return_annotation
        vars(function)["__signature__"] = inspect.signature(other).replace(return_annotation=returned)
        return function

    return told
