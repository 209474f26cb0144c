"""The key of the hosted service: the sources in which it is looked for, and the class that keeps it out of sight.

The text of a key leaves its Key in two places only: the Authorization header (client) and the computer's own keyring.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

from ..model.protocol import SHORTEST_SECRET

VARIABLES = ("AIMLAPI_API_KEY", "AIML_API_KEY")
"""Names of environment variables, and of secrets on Colab, that hold a key."""

ARGUMENT = "the argument"
"""The source of a key that was passed in."""
_KEYRING_ENTRY = ("wan-notebook", "api.aimlapi.com")
_NO_KEYRING = object()
_from_login: Key | None = None


class Key:
    """A key whose text shows in no repr, copy or pickle.

    Args:
        text: the key as it was given; blanks, quotes and the word Bearer around it are removed.
        source: its origin in words, as "the keyring".
    """

    __slots__ = ("_text", "source")

    def __init__(self, text: str, source: str = ARGUMENT) -> None:
        self._text = text.strip().strip("'\"").removeprefix("Bearer ").strip()
        self.source = source

    @property
    def problem(self) -> str | None:
        """The reason why no service can accept it, in one sentence; None where it looks like a key."""
        if not self._text:
            return f"The key from {self.source} is empty."
        if not (self._text.isascii() and self._text.isprintable()) or " " in self._text:
            return f"The key from {self.source} holds a character which no key has. Copy it anew."
        return None

    def reveal(self) -> str:
        """Return the text of the key; never put it into a variable, where a traceback would show it."""
        return self._text

    def hide_in(self, text: str) -> str:
        """Return `text` with the key replaced by "[key]".

        A key shorter than SHORTEST_SECRET is replaced only where it stands by itself: ids, addresses and words that
        happen to contain it are left as they are, since a job would not be found under any other id.
        """
        for shape in (self._text, self._text.replace("/", "\\/")):
            if len(shape) >= SHORTEST_SECRET:
                text = text.replace(shape, "[key]")
            elif shape:
                text = re.sub(_BEFORE + re.escape(shape) + _AFTER, "[key]", text)
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"<Key from {self.source}>"

    def __copy__(self) -> Key:
        return self

    def __deepcopy__(self, _memo: Any) -> Key:
        return self

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError("a key is never pickled; find it again where it is needed")


# A word goes on across what joins the parts of ids and addresses; an escape of JSON, as in "line\nkey", is no word.
_BEFORE = r"(?:(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<![\w/-])(?<!\w\.))"
_AFTER = r"(?![\w/-]|\.\w|\\/)"


def find_key(key: str | Key | None = None) -> Key | None:
    """Return the key to use, or None when there is none.

    The sources, in this order: the argument, wan.login() in this session, the environment (VARIABLES), Colab's secrets,
    the keyring.
    """
    if isinstance(key, Key):
        return key
    if key:
        return Key(key)
    return next((found for found in (source() for source in _SOURCES) if found is not None), None)


def environment_key() -> Key | None:
    """Return the key that an environment variable holds, or None."""
    return next((Key(os.environ[name], name) for name in VARIABLES if os.environ.get(name, "").strip()), None)


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment that hold no key, for a program which has no use for one."""
    keys = [Key(environment[name]) for name in VARIABLES if environment.get(name, "").strip()]
    return {
        name: value
        for name, value in environment.items()
        if name not in VARIABLES and not any(key.hide_in(value) != value for key in keys)
    }


def remember(key: Key) -> str:
    """Use this key from now on, store it in the keyring where there is one, and return a sentence on where it is."""
    global _from_login
    _from_login = key
    if _in_keyring("set_password", key) is _NO_KEYRING:
        return "It is kept in memory until this kernel ends."
    return "It is kept in this computer's keyring, for later sessions too."


def forget() -> str:
    """Forget the key of this session and of the keyring, and return a sentence on whether another one is left."""
    global _from_login
    _from_login = None
    _in_keyring("delete_password")
    left = find_key()
    return "Logged out." if left is None else f"Logged out, but there is still a key from {left.source}."


def session_key() -> Key | None:
    """Return the key of wan.login() in this session, or None."""
    return _from_login


def colab_key() -> Key | None:
    """Return the key that a secret of Colab holds, or None where there is none or it is refused."""
    if "google.colab" not in sys.modules:
        return None
    from google.colab import userdata

    for name in VARIABLES:
        try:
            return Key(userdata.get(name), f"Colab's secret {name}")
        except Exception:  # noqa: BLE001, PERF203 - absent, refused and timed out have no class in common there
            continue
    return None


def keyring_key() -> Key | None:
    """Return the key in this computer's keyring, or None."""
    found = _in_keyring("get_password")
    return found if isinstance(found, Key) else None


def _in_keyring(verb: str, *key: Key) -> Any:
    try:
        import keyring

        found = getattr(keyring, verb)(*_KEYRING_ENTRY, *(given.reveal() for given in key))
    except Exception:  # noqa: BLE001 - not installed, locked, or a backend's own error: the session works without it
        return _NO_KEYRING
    return Key(found, "the keyring") if isinstance(found, str) and found else None


_SOURCES = (session_key, environment_key, colab_key, keyring_key)
