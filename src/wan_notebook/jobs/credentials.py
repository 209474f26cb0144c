"""Content credentials of a clip: who signs it, and that it was generated, after the C2PA's specification.

They are signed with a certificate of the user's own, without a network. Whoever checks the file sees whether it was
changed since; whom the certificate names is shown as unknown, unless its issuer stands on the checker's list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import InvalidRequest, WanError
from ..model.job import Job
from ..runtime.data_dir import atomic_write, expanded

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype"
"""The IPTC's list of how media come to be."""
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True)
class Signer:
    """A certificate with its private key.

    Raises:
        InvalidRequest: one of the two cannot be read, or is none that can sign.
        WanError: c2pa-python is not installed.
    """

    certificate: Path
    """A PEM file with the chain, the signer's own certificate first."""
    private_key: Path
    """A PEM file, without a password."""
    _signer: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            import c2pa
        except ModuleNotFoundError as error:
            raise WanError(
                f"{error.name} is missing. Install it with: pip install 'wan-notebook[provenance]'"
            ) from None
        chain, key = _content(self.certificate), _content(self.private_key)
        try:
            info = c2pa.C2paSignerInfo(algorithm(key, self.private_key), chain, key, None)
            object.__setattr__(self, "_signer", c2pa.Signer.from_info(info))
        except c2pa.C2paError as error:
            raise InvalidRequest(f"{self.certificate} and {self.private_key} cannot sign: {error}") from None

    def sign(self, clip: Path, title: str, job: Job) -> None:
        """Sign an MP4; its pictures, sound and description stay as they are.

        Args:
            clip: the file, which is replaced.
            title: its name, for whoever checks it.
            job: of which it came.

        Raises:
            InvalidRequest: the certificate is none for this, or has expired.
            StorageError: the file cannot be written.
        """
        import c2pa

        try:
            with (
                c2pa.Builder(json.dumps(manifest(title, job))) as builder,
                atomic_write(clip) as partial,
                clip.open("rb") as source,
                partial.open("w+b") as target,
            ):
                builder.sign(self._signer, "video/mp4", source, target)
        except c2pa.C2paError as error:
            raise InvalidRequest(f"{self.certificate} cannot sign a clip: {error}") from None


def signer_of(sign: tuple[str | Path, str | Path]) -> Signer:
    """Return the signer of two files, as Clip.save() takes them.

    Raises:
        InvalidRequest: as Signer does, or it is no pair of files.
        WanError: c2pa-python is not installed.
    """
    if not isinstance(sign, tuple | list) or len(sign) != 2:
        raise InvalidRequest('sign wants two PEM files: sign=("chain.pem", "key.pem").')
    return Signer(*map(expanded, sign))


def algorithm(key: bytes, path: Path) -> str:
    """Return the name of the algorithm by which a private key signs, as the specification has it.

    Raises:
        InvalidRequest: it is no such key; the message names its file, and tells nothing of what is in it.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(key, None)
    except TypeError:
        raise InvalidRequest(f"{path} has a password. Store the key without one to sign with it.") from None
    except ValueError:
        raise InvalidRequest(f"{path} is no private key in PEM.") from None
    if isinstance(found, ec.EllipticCurvePrivateKey) and found.curve.name in _CURVES:
        return _CURVES[found.curve.name]
    if isinstance(found, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(found, rsa.RSAPrivateKey):
        return "ps256"
    raise InvalidRequest(f"{path} is a key of a kind that signs no media: take ECDSA, Ed25519 or RSA.")


def manifest(title: str, job: Job) -> dict[str, Any]:
    """Return what is signed: how the clip came to be, and by which program."""
    kind = "algorithmicMedia" if job.engine == "preview" else "trainedAlgorithmicMedia"
    program = {"name": "wan-notebook", "version": version("wan-notebook")}
    action = {"action": "c2pa.created", "digitalSourceType": f"{_SOURCE_TYPES}/{kind}", "softwareAgent": program}
    return {
        "claim_generator_info": [program],
        "title": title,
        "format": "video/mp4",
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read ({error.strerror}).") from None
