"""The fold under a player in which a clip is finished."""

from .finish import FinishForm, FinishState

__all__ = ["FinishForm", "FinishState"]
