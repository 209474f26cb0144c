"""The certificates that are trusted on https: those that the environment names, else the public ones."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR")
"""Each names a file of trusted certificates or a folder of them, the last one several."""


class UnusableCertificates(ValueError):
    """The environment names no certificates that can be read; the message names the variable."""


def trusted_certificates() -> ssl.SSLContext:
    """Return a context that trusts the certificates which the environment names, else the public ones.

    Raises:
        UnusableCertificates: a variable names what is not there, or what holds no certificates.
    """
    import certifi

    context = no_certificates()
    variables = certificate_variables()
    for variable in variables:
        load_certificates(context, variable)
    if not variables:
        context.load_verify_locations(certifi.where())
    return context


def no_certificates() -> ssl.SSLContext:
    """Return a context that trusts nobody, for connections without encryption."""
    # Not ssl.create_default_context: it would write secrets where SSLKEYLOGFILE says, and refuses, on newer Pythons,
    # what many an organisation's own authority issues.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def load_certificates(context: ssl.SSLContext, variable: str) -> None:
    """Add the certificates of the file or the folders that a variable of the environment names."""
    text = os.environ[variable].strip(" \t\r\n'\"")
    paths = [Path(name).expanduser() for name in (text.split(os.pathsep) if variable == "SSL_CERT_DIR" else [text])]
    try:
        files, folders = [path for path in paths if path.is_file()], [path for path in paths if path.is_dir()]
        for file in files:  # a pipe or a device has no end, and reading it could hang
            context.load_verify_locations(cafile=file)
        for folder in folders:
            context.load_verify_locations(capath=folder)
    except ssl.SSLError:
        raise UnusableCertificates(f"the file that {variable} names holds no certificates") from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnusableCertificates(f"what {variable} names cannot be read ({reason})") from None
    if not files and not folders:
        raise UnusableCertificates(f"{variable} names {text!r}, which is not there: correct it, or unset it")


def certificate_variables() -> list[str]:
    """Return the variables of the environment that name certificates."""
    return [name for name in _VARIABLES if os.environ.get(name, "").strip()]
