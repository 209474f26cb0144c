"""Content credentials that are written into a copy of a clip."""

import datetime
import json
from pathlib import Path

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wan_notebook.errors import InvalidRequest
from wan_notebook.jobs.clip import Clip, described, write_recipe

from support.clips import clip_of
from support.media import drifting, filmed

USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def usage(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in wanted for name in USAGES})


def certificate(subject: str, key: ec.EllipticCurvePrivateKey, issuer_key: ec.EllipticCurvePrivateKey) -> bytes:
    """A certificate in PEM of the issuer "Root"; the one of the same name may issue others."""
    now, is_root = datetime.datetime.now(datetime.timezone.utc), subject == "Root"
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Root")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage("key_cert_sign") if is_root else usage("digital_signature"), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pem(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A chain and its private key."""
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(certificate("A teacher", own, root) + certificate("Root", root, root))
    key.write_bytes(pem(own))
    return chain, key


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    clip = clip_of(filmed(drifting(), tmp_path / "dance.mp4"))
    write_recipe(clip)
    return clip


def read(path: Path) -> tuple[str, dict[str, object]]:
    """The state in which a checker finds the credentials of a file, and their active manifest."""
    with c2pa.Reader(str(path)) as reader:
        told = json.loads(reader.json())
    return told["validation_state"], told["manifests"][told["active_manifest"]]


@pytest.mark.parametrize("label", [False, True])
def test_signed_copy_is_checked(label: bool, clip: Clip, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A signed copy says that it was generated, by which program and who signed it, keeps the recipe, and one bit that
    is changed later is seen; the clip itself stays as it is. All of it happens without a network.
    """
    bought = clip.path.read_bytes()
    copy = clip.save(tmp_path / "signed.mp4", label=label, sign=files)
    state, manifest = read(copy)
    assert state == "Valid"
    assert "trainedAlgorithmicMedia" in json.dumps(manifest)
    assert "A teacher" in json.dumps(manifest["signature_info"])
    assert "wan-notebook" in json.dumps(manifest["claim_generator_info"])
    assert described(copy) == described(clip.path) is not None
    assert clip.path.read_bytes() == bought
    changed = bytearray(copy.read_bytes())
    changed[changed.index(b"mdat") + 500] ^= 1
    (tmp_path / "changed.mp4").write_bytes(changed)
    assert read(tmp_path / "changed.mp4")[0] == "Invalid"


@pytest.mark.parametrize("fault", ["gone", "no key", "password", "swapped", "other key", "one file"])
def test_wrong_credentials_write_nothing(fault: str, clip: Clip, files: tuple[Path, Path], tmp_path: Path) -> None:
    """A key or a certificate that cannot sign is refused in a sentence that tells nothing of the key, and no file is
    left.
    """
    chain, key = files
    secret = key.read_text().splitlines()[1]
    if fault == "gone":
        key.unlink()
    if fault == "no key":
        key.write_text("no key at all")
    if fault == "password":
        key.write_bytes(pem(ec.generate_private_key(ec.SECP256R1()), b"word"))
    if fault == "other key":
        key.write_bytes(pem(ec.generate_private_key(ec.SECP256R1())))
    given = {"swapped": (key, chain), "one file": key}.get(fault, files)
    with pytest.raises(InvalidRequest) as refused:
        clip.save(tmp_path / "signed.mp4", sign=given)  # type: ignore[arg-type]
    assert secret not in str(refused.value)
    assert not (tmp_path / "signed.mp4").exists()
    assert list(tmp_path.glob("*.part*")) == []
