"""Where a key is found, and that it shows nowhere."""

import copy
import dataclasses
import pickle
import sys
import types
from collections.abc import Iterator

import keyring
import keyring.backend
import pytest

from wan_notebook.client import Client, Service, login
from wan_notebook.errors import NotAuthorized
from wan_notebook.runtime import keys
from wan_notebook.runtime.keys import Key, find_key

from support.services import Reply, ScriptedService, refusal

CANARY = "canary-0123456789abcdef"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that lives as long as a test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.passwords:
            raise keyring.errors.PasswordDeleteError("not there")
        del self.passwords[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring which nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringError(f"locked: {service} {username}")

    def set_password(self, service: str, username: str, _password: str) -> None:
        raise keyring.errors.PasswordSetError(f"locked: {service} {username}")


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[MemoryKeyring]:
    usual = keyring.get_keyring()
    own = MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keys.forget()
    keyring.set_keyring(usual)


def text_of(key: Key | None) -> str | None:
    return key and key.reveal()


def test_no_key_is_made_up() -> None:
    """Nothing is made up."""
    assert find_key() is None


def test_the_argument_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who passes a key means that one."""
    monkeypatch.setenv("AIMLAPI_API_KEY", "from-environment")
    assert text_of(find_key("from-argument")) == "from-argument"


@pytest.mark.parametrize("name", ["AIMLAPI_API_KEY", "AIML_API_KEY"])
def test_both_usual_variables_are_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in either variable is found, and says where it comes from."""
    monkeypatch.setenv(name, f"  {CANARY}\n")
    found = find_key()
    assert text_of(found) == CANARY
    assert repr(found) == f"<Key from {name}>"


def test_empty_variable_holds_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable set to blanks is as good as unset."""
    monkeypatch.setenv("AIMLAPI_API_KEY", "  ")
    assert find_key() is None


def colab(monkeypatch: pytest.MonkeyPatch, secrets: dict[str, str]) -> None:
    class SecretNotFoundError(Exception):
        pass

    def get(name: str) -> str:
        if name not in secrets:
            raise SecretNotFoundError(name)
        return secrets[name]

    userdata = types.ModuleType("google.colab.userdata")
    userdata.get = get  # type: ignore[attr-defined]
    module = types.ModuleType("google.colab")
    module.userdata = userdata  # type: ignore[attr-defined]
    for name, one in {"google": types.ModuleType("google"), "google.colab": module}.items():
        monkeypatch.setitem(sys.modules, name, one)


def test_a_colab_secret_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Colab the secret of the second name is found when there is none of the first."""
    colab(monkeypatch, {"AIML_API_KEY": CANARY})
    assert text_of(find_key()) == CANARY


def test_colab_without_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is absent or refused is no failure."""
    colab(monkeypatch, {})
    assert find_key() is None


def test_the_keyring_is_read_last(own_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key kept by the computer serves when nothing else is set."""
    own_keyring.passwords["wan-notebook", "api.aimlapi.com"] = CANARY
    assert text_of(find_key()) == CANARY
    monkeypatch.setenv("AIML_API_KEY", "from-environment")
    assert text_of(find_key()) == "from-environment"


def test_locked_keyring_holds_no_key() -> None:
    """A keyring that fails is passed over, for reading as for keeping."""
    keyring.set_keyring(LockedKeyring())
    assert find_key() is None
    assert keys.remember(Key(CANARY)) == "It is kept in memory until this kernel ends."
    assert text_of(find_key()) == CANARY


def test_no_view_shows_the_key() -> None:
    """Neither repr, str, format nor a dataclass around it shows the text; copies are the same object."""
    key = Key(CANARY, "a test")
    service = Service.hosted(key)
    shown = f"{key!r} {key} {service!r} {service} {dataclasses.asdict(service)} {[key]} {vars(service)}"
    assert CANARY not in shown
    assert copy.deepcopy(key) is key
    assert copy.copy(key) is key


def test_programs_get_no_key() -> None:
    """A program that needs no key gets no variable with one; a short key leaves those that happen to contain it."""
    environment = {"AIMLAPI_API_KEY": "wan", "PATH": "/home/wan/bin:/opt/wan-2", "AUTH": "Bearer wan"}
    assert keys.without_keys(environment) == {"PATH": "/home/wan/bin:/opt/wan-2"}
    assert keys.without_keys({"AIML_API_KEY": CANARY, "URL": f"https://a/{CANARY}/b"}) == {}


def test_key_is_never_pickled() -> None:
    """Neither it nor a service that holds it can be written to a file by accident."""
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Key(CANARY))
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Service.hosted(CANARY))


@pytest.mark.parametrize("pasted", [f"Bearer {CANARY}", f'"{CANARY}"', f" {CANARY}\n", f"'{CANARY}' "])
def test_pasted_characters_are_stripped(pasted: str) -> None:
    """Quotes, blanks and the word Bearer are taken off."""
    assert text_of(Key(pasted)) == CANARY
    assert Key(pasted).problem is None


@pytest.mark.parametrize("pasted", ["two words", "line\nbreak", "kéy", "", "  "])
def test_invalid_key_is_not_shown(pasted: str) -> None:
    """A broken key is described by where it came from."""
    problem = Key(pasted, "AIML_API_KEY").problem
    assert problem is not None
    assert problem.startswith("The key from AIML_API_KEY")
    assert not pasted.strip() or pasted not in problem


def test_equal_keys_are_equal() -> None:
    """Two services with the same key are one and the same."""
    assert Service.hosted(CANARY) == Service.hosted(Key(CANARY, "elsewhere"))
    assert Key(CANARY) != Key("other")
    assert len({Key(CANARY), Key(CANARY)}) == 1


def billing(*replies: Reply) -> tuple[ScriptedService, login.Sentence | NotAuthorized]:
    service = ScriptedService(others={"/v2/billing": replies})
    connect = lambda to: Client(to, transport=service.transport)  # noqa: E731 - what login() calls
    try:
        return service, login.login(ask=lambda _question: CANARY, connect=connect)
    except NotAuthorized as error:
        return service, error


def test_login_checks_and_keeps_key(own_keyring: MemoryKeyring) -> None:
    """A key that works is told with the balance, and is found from then on."""
    service, said = billing(Reply(body={"current_balance": 12.345, "currency": "USD"}))
    assert repr(said) == (
        "The key works; $12.35 is left. It is kept in this computer's keyring, for later sessions too."
    )
    assert [one.headers["authorization"] for one in service.requests] == [f"Bearer {CANARY}"]
    assert list(own_keyring.passwords.values()) == [CANARY]
    assert text_of(find_key()) == CANARY
    assert CANARY not in repr(said)


def test_wrong_login_keeps_nothing(own_keyring: MemoryKeyring) -> None:
    """A key that the service refuses is not remembered."""
    _, refused = billing(refusal(401, "Invalid API key"))
    assert isinstance(refused, NotAuthorized)
    assert "does not accept the key (“Invalid API key”)" in str(refused)
    assert (own_keyring.passwords, find_key()) == ({}, None)


def test_limited_key_is_accepted() -> None:
    """A key limited to jobs is a key."""
    _, said = billing(refusal(403, "scope"))
    assert "may not read the balance" in repr(said)
    assert text_of(find_key()) == CANARY


def test_logout_forgets_the_key(own_keyring: MemoryKeyring) -> None:
    """After logging out no key is left where login put it."""
    keys.remember(Key(CANARY))
    assert repr(login.logout()) == "Logged out."
    assert (own_keyring.passwords, find_key()) == ({}, None)


def test_logout_names_remaining_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment is not ours to remove, so it is named."""
    monkeypatch.setenv("AIML_API_KEY", CANARY)
    assert repr(login.logout()) == "Logged out, but there is still a key from AIML_API_KEY."
