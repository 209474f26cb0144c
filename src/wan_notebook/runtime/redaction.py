"""Text that may leave this machine: without local folders, passwords and signatures in addresses, and data URIs.

What is exported (a saved sweep, a page, a CSV file, copied code) is sent to other people. The names of files and hosts
stay, since they explain the export; all that stands behind the path of an address goes, since nobody can list the
names under which services keep their signatures there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

_SECRET = (
    r"[\w.-]{0,60}(?:token|signature|\bsig\b|secret|passw(?:or)?d|passphrase|credential|api[_-]?key|authorization)"
    r"[\w.-]{0,60}"
)
_SEGMENT = r"[^\s/\\\n](?:(?![.,;:)] |[(“‘\"'])[^/\\\n])*(?<![\s~])"
"""A folder's name, which may have spaces in it; a sentence's end or a bracket ends it."""
_PRIVATE = (
    r"(?i)(?P<url>\b(?:[a-z][a-z0-9+.-]{0,20}://(?:[^\s/@]*@)?|file:/)[^\s<>\"'`“”]*[^\s<>\"'`“”.,;:!?)\]}])"
    r"|(?P<data>\bdata:[\w.+-]+/[\w.+-]+[^\s,]*,[^\s<>\"']*)"
    rf"|(?P<folder>(?<![\w./:\\~-])(?:~[\w.-]*|[a-z]:|\\)?[/\\](?:{_SEGMENT}[/\\])+)"
    r"|(?P<login>\b[^\s/@:]{1,200}:[^\s/@]{1,200}@(?=[\w\[]))"
    rf"|(?P<name>\b{_SECRET})(?P<is>\s*[=:]\s*)(?:Bearer\s+)?[^\s&,;\"'<>]+"
)
"""Compiled when it is first used, as the next are: it takes 2 ms, and a panel shows no such text."""
_WHOLE = r"(?i)(?:[a-z][a-z0-9+.-]+://|file:|data:)\S+"
_SECRET_NAME = rf"(?i){_SECRET}"


def public_url(url: str) -> str:
    """Return an address by scheme, host and path; of a file its name, of a data URI its type.

    A query or a fragment becomes "?…".
    """
    if url[:5].lower() == "data:":
        return url.partition(",")[0] + ",…"
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        if not host.endswith("]") and not (host.rpartition(":")[2].isdigit() or ":" not in host):
            # A password with "/", "?" or "#" in it ends the host too early; what follows the last "@" is surely none.
            parts = urlsplit(f"{parts.scheme}://{url.rpartition('@')[2]}")
            host = parts.netloc
    except ValueError:
        return url.partition(":")[0] + ":…"
    if parts.scheme == "file":
        return f"file:///{parts.path.rsplit('/', 1)[-1]}"
    return f"{parts.scheme}://{host}{parts.path}{'?…' if parts.query or parts.fragment else ''}"


def public_text(text: str) -> str:
    """Return a text whose addresses are public ones, whose local paths are names, and which tells no secret."""
    return public_url(text) if re.fullmatch(_WHOLE, text) else re.sub(_PRIVATE, _replaced, text)


def public_value(value: Any) -> Any:
    """Return a value of texts, mappings and lists with every text in it made public, and every path a name."""
    if isinstance(value, str):
        return public_text(value)
    if isinstance(value, PurePath):
        return value.name
    if isinstance(value, Mapping):
        return {
            name: "…" if isinstance(one, str) and re.fullmatch(_SECRET_NAME, str(name)) else public_value(one)
            for name, one in value.items()
        }
    return [public_value(one) for one in value] if isinstance(value, list | tuple) else value


def _replaced(found: re.Match[str]) -> str:
    if found["url"] or found["data"]:
        return public_url(found[0])
    return "" if found["folder"] or found["login"] else f"{found['name']}{found['is']}…"
