"""Text that may leave this machine."""

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from wan_notebook.runtime.redaction import public_text, public_url, public_value


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://user:secret@host.example:8443/a/hero.png", "https://host.example:8443/a/hero.png"),
        ("https://host.example/hero.png?X-Amz-Signature=secret&X-Amz-Date=1", "https://host.example/hero.png?…"),
        ("https://host.example/hero.png#token=secret", "https://host.example/hero.png?…"),
        ("https://user:sec#ret@host.example/hero.png", "https://host.example/hero.png"),
        ("https://user:sec/ret?@host.example/hero.png", "https://host.example/hero.png"),
        ("https://[2001:db8::1]/hero.png", "https://[2001:db8::1]/hero.png"),
        ("https://host.example/@ada/hero.png", "https://host.example/@ada/hero.png"),
        ("https://[broken/secret", "https:…"),
        ("file:///home/secret/my%20hero.png", "file:///my%20hero.png"),
        ("FILE:/home/secret/hero.png", "file:///hero.png"),
        ("data:image/png;base64,c2VjcmV0", "data:image/png;base64,…"),
    ],
)
def test_public_addresses_hold_no_secret(url: str, public: str) -> None:
    """Scheme, host and path of an address stay, the name of a file, and the type of a data URI."""
    assert public_url(url) == public_text(url) == public


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("There is no file /home/secret/hero.png.", "There is no file hero.png."),
        ("/secret/My Secret Pictures/my hero.png is empty.", "my hero.png is empty."),
        ("Of /secret/a/b.png and /secret/c/d.png, and ~/secret/e.png", "Of b.png and d.png, and e.png"),
        (r"C:\Users\secret\My Pictures\hero.png is empty", "hero.png is empty"),
        (r"\\secret\share\hero.png is empty", "hero.png is empty"),
        ("See (https://me:secret@a.example/b?sig=secret).", "See (https://a.example/b?…)."),
        ("It is 'https://me:sec'ret@a.example/b', not a picture", "It is 'https://a.example/b', not a picture"),
        ("From data:image/png;base64,secret now", "From data:image/png;base64,… now"),
        ("token=secret, X-Amz-Signature: secret; sig=secret&x=1", "token=…, X-Amz-Signature: …; sig=…&x=1"),
        ("Authorization: Bearer secret-secret", "Authorization: …"),
        ("me:secret@host.example/path refused it", "host.example/path refused it"),
        ("16 frames/s on 12/03/2024, alibaba/wan2.2-14b and/or text/html", None),
        ("clips/000.mp4", None),
        ("It cost $0.05 / 16 frames. Either / or.", None),
        ("", None),
    ],
)
def test_public_text_holds_no_secret(text: str, public: str | None) -> None:
    """Within a sentence too; what is no path, address or secret stays as it is."""
    assert public_text(text) == (text if public is None else public)


def test_public_values_keep_their_form() -> None:
    """Mappings, lists and numbers stay what they are, a path becomes its name, and a secret is known by its key."""
    value: dict[str, Any] = {
        "extra": {"api_key": "secret", "seeds": [1, 2.5, None, True], "tokens": 7},
        "paths": (PurePosixPath("/secret/a.png"), PureWindowsPath(r"C:\secret\b.png")),
    }
    assert public_value(value) == {
        "extra": {"api_key": "…", "seeds": [1, 2.5, None, True], "tokens": 7},
        "paths": ["a.png", "b.png"],
    }
