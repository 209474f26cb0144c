"""What the environment says of proxies and certificates: heeded where it can be, told where it cannot."""

import asyncio
import base64
import datetime
import hashlib
import ipaddress
import json
import os
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wan_notebook.client import Balance, Client, Service
from wan_notebook.client.network import find_proxy, is_excluded
from wan_notebook.errors import Unreachable

from support.clients import CANARY
from support.services import Connection, RawServer, http_answer, refused_port, shown_by

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PUBLIC = Service.at("https://service.test", CANARY)
UNENCRYPTED = Service.at("http://service.test", CANARY)
MONEY = json.dumps({"current_balance": 7}).encode()
PASSWORD = "pass-0123"
PEM = serialization.Encoding.PEM


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, *map(str.lower, VARIABLES), *CERTIFICATES, "SSLKEYLOGFILE", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)


async def balance_of(service: Service) -> Balance | None:
    async def no_pause(_seconds: float) -> None:
        return None

    async with Client(service, sleep=no_pause) as client:
        return await client.balance()


def asked(service: Service) -> Balance | None:
    return asyncio.run(balance_of(service))


def asked_through(server: RawServer, service: Service | None = None) -> Balance | None:
    """Ask a service, by default the one that the server itself is, while the server runs."""

    async def go() -> Balance | None:
        async with server.running():
            return await balance_of(service or Service.at(server.url, CANARY))

    return asyncio.run(go())


async def tells_balance(connection: Connection) -> None:
    while True:
        await connection.request()
        await connection.send(http_answer(MONEY))


BAD_PROXIES = {
    "a kind without its library": f"socks5://user:{PASSWORD}@proxy.test:1080",
    "a short name of it": f"socks://user:{PASSWORD}@proxy.test:1080/",
    "a kind that nobody speaks": f"ftp://user:{PASSWORD}@proxy.test",
    "no port": f"http://user:{PASSWORD}@proxy.test:port",
    "too large a port": f"http://user:{PASSWORD}@proxy.test:70000",
    "no host": f"http://user:{PASSWORD}@:8080",
    "half an address": f"http://user:{PASSWORD}@[::1",
    "a host that cannot be": f"http://user:{PASSWORD}@☃..test:8080",
    "a user that is no text": f"http://\udcff:{PASSWORD}@proxy.test:8080",
    "two words": f"http://user:{PASSWORD}@proxy test:8080",
}


@pytest.mark.parametrize("value", BAD_PROXIES.values(), ids=BAD_PROXIES)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_unusable_proxy_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a variable names no proxy that can be used, the error names the variable, and shows no password."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "socksio" else name)
    monkeypatch.setenv(variable, value)
    with pytest.raises(Unreachable, match=variable) as refused:
        asked(PUBLIC)
    assert all(PASSWORD not in shown and CANARY not in shown for shown in shown_by(refused.value))


def test_only_needed_proxy_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that concerns other addresses does no harm, however odd."""
    monkeypatch.setenv("ALL_PROXY", "socks://proxy.test:1080")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:port")
    monkeypatch.setenv("NO_PROXY", "::1,[::1,10.0.0.0/99,:::,,http://")
    proxy = RawServer([tells_balance])

    async def go() -> Balance | None:
        async with proxy.running():
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            return await balance_of(UNENCRYPTED)

    assert asyncio.run(go()) == Balance(7.0)
    assert proxy.requests[0].startswith(b"GET http://service.test/v2/billing HTTP/1.1\r\n")
    assert asked_through(RawServer([tells_balance])) == Balance(7.0)


@pytest.mark.parametrize("password", ["pa#ss", "pa@ss", "pa/ss", "pa?ss", "pa:ss", "pa%ss", "pa ss", "päss", "pa%23ss"])
@pytest.mark.parametrize("scheme", ["http://", "", "'http://"])
def test_passwords_hold_any_character(scheme: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's password arrives there whole, quoted as in an address or not, with and without a scheme."""
    proxy = RawServer([tells_balance])

    async def go() -> Balance | None:
        async with proxy.running():
            place = proxy.url.removeprefix("http://")
            monkeypatch.setenv("http_proxy", f"{scheme}user:{password}@{place}/")
            return await balance_of(UNENCRYPTED)

    assert asyncio.run(go()) == Balance(7.0)
    expected = base64.b64encode(f"user:{password.replace('%23', '#')}".encode())
    assert b"proxy-authorization: basic " + expected.lower() in proxy.requests[0].lower()


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
def test_refusing_proxy_is_named(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that lets nothing pass is told apart from the service, by the variable that names it."""

    async def refuses(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_answer(b"", status=status))

    proxy = RawServer([refuses])

    async def go() -> None:
        async with proxy.running():
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            await balance_of(PUBLIC)

    with pytest.raises(Unreachable, match=f"the proxy in HTTPS_PROXY refused with {status[:3]}"):
        asyncio.run(go())


def test_missing_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is one that is not there."""
    monkeypatch.setenv("ALL_PROXY", f"127.0.0.1:{refused_port()}")
    with pytest.raises(Unreachable, match=r"by way of the proxy in ALL_PROXY\)\."):
        asked(PUBLIC)


@pytest.mark.parametrize(
    ("listed", "excluded"),
    [
        ("*", True),
        ("service.test", True),
        (".service.test", True),
        ("TEST", True),
        ("*.test, other", True),
        ("other service.test:443", True),
        ("https://service.test", True),
        ("service.test:80", False),
        ("ice.test", False),
        ("a.service.test", False),
        ("", False),
        (":443", False),
        (",,", False),
    ],
)
def test_hosts_bypass_the_proxy(listed: str, excluded: bool) -> None:
    """NO_PROXY lists hosts, domains with all below them, and ports."""
    assert is_excluded(httpx.URL("https://service.test/v2"), listed) is excluded


@pytest.mark.parametrize(
    ("url", "listed", "excluded"),
    [
        ("http://[fd00::1]:8080", "fd00::1", True),
        ("http://[fd00::1]:8080", "[fd00::1]:8080", True),
        ("http://[fd00::1]:8080", "[fd00::1]:80", False),
        ("http://[fd00::1]", "fd00::/8", True),
        ("http://10.1.2.3", "10.0.0.0/8", True),
        ("http://10.1.2.3", "10.1.2.3", True),
        ("http://11.1.2.3", "10.0.0.0/8,10.1.2.3/33", False),
        ("http://11.1.2.3", "::/0", False),
    ],
)
def test_addresses_bypass_the_proxy(url: str, listed: str, excluded: bool) -> None:
    """It lists addresses and networks of both kinds; what is none is passed over."""
    assert is_excluded(httpx.URL(url), listed) is excluded


@pytest.mark.parametrize("url", ["http://127.0.0.1:8765", "https://localhost", "http://[::1]:8765"])
def test_own_machine_has_no_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says, no proxy stands before a service on this machine."""
    monkeypatch.setenv("ALL_PROXY", "http://proxy.test")
    assert find_proxy(httpx.URL(url)) == ""
    assert find_proxy(httpx.URL("https://service.test")) == "ALL_PROXY"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an organisation's own authority: ca.pem, and server.pem with a certificate for 127.0.0.1 by it."""
    folder = tmp_path_factory.mktemp("authority")
    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an organisation")])
    now = datetime.datetime.now(datetime.timezone.utc)

    def issue(public: ec.EllipticCurvePublicKey, extension: x509.ExtensionType, subject: x509.Name) -> bytes:
        draft = x509.CertificateBuilder(name, subject, public, x509.random_serial_number())
        draft = draft.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
            now + datetime.timedelta(days=1)
        )
        return draft.add_extension(extension, critical=False).sign(key, hashes.SHA256()).public_bytes(PEM)

    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    (folder / "ca.pem").write_bytes(issue(key.public_key(), x509.BasicConstraints(ca=True, path_length=None), name))
    private = server_key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + issue(server_key.public_key(), address, x509.Name([])))
    return folder


@pytest.fixture
def encrypted(authority: Path) -> RawServer:
    """A service on https whose certificate no public authority has issued."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    return RawServer([tells_balance], certificate=context)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_own_authority_is_trusted(
    variable: str, encrypted: RawServer, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of certificates that the environment names, by whichever name, opens the way to a service on https."""
    monkeypatch.setenv("SSL_CERT_DIR", str(authority))
    monkeypatch.setenv("SSLKEYLOGFILE", str(authority / "no" / "such" / "folder"))
    monkeypatch.setenv(variable, f"'{authority / 'ca.pem'}' ")
    assert asked_through(encrypted) == Balance(7.0)


@pytest.mark.parametrize("variable", ["SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_folder_of_certificates_is_read(
    variable: str, encrypted: RawServer, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder whose files are called by the hash of their authority serves as well, among missing ones too."""
    content = (authority / "ca.pem").read_bytes()
    name_in_lower_case = x509.load_pem_x509_certificate(content).subject.public_bytes()[2:]
    name_hash = int.from_bytes(hashlib.sha1(name_in_lower_case).digest()[:4], "little")
    (tmp_path / f"{name_hash:08x}.0").write_bytes(content)
    monkeypatch.setenv(variable, f"/no/such/folder:{tmp_path}" if variable == "SSL_CERT_DIR" else str(tmp_path))
    assert asked_through(encrypted) == Balance(7.0)


def test_unknown_authority_names_remedy(encrypted: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that nobody vouches for is refused, with the variable that would help or did not."""
    with pytest.raises(Unreachable, match="an organisation is its own authority, SSL_CERT_FILE has to name"):
        asked_through(encrypted)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with pytest.raises(Unreachable, match="not by an authority among those of SSL_CERT_DIR"):
        asked_through(encrypted)


@pytest.mark.parametrize("variable", CERTIFICATES)
@pytest.mark.parametrize(
    "what",
    ["nowhere", "empty", "not PEM", pytest.param("a pipe", marks=pytest.mark.systems("linux", "darwin"))],
)
def test_bad_certificates_are_named(
    variable: str, what: str, encrypted: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that leads nowhere, or to no certificates, is named on https, and concerns no other service."""
    path = tmp_path / "ca.pem"
    if what == "a pipe":
        os.mkfifo(path)
    elif what != "nowhere":
        path.write_bytes(b"" if what == "empty" else b"\0\1\2 no certificate")
    monkeypatch.setenv(variable, str(path))
    with pytest.raises(Unreachable, match=variable):
        asked_through(encrypted)
    assert asked_through(RawServer([tells_balance])) == Balance(7.0)


def test_impossible_host_is_refused() -> None:
    """A host that no address can have is told in words, before anything is sent."""
    with pytest.raises(Unreachable, match=r"https://☃\.\.test: no host"):
        asked(Service.at("https://☃..test"))


def test_embedded_service_ignores_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """However odd the environment is, the service inside this process answers."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "socks://::")
    for name in (*CERTIFICATES, "SSLKEYLOGFILE"):
        monkeypatch.setenv(name, "/no/such/file")
    assert asked(Service.embedded()) == Balance(0.0)
