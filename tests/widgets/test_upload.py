"""A file on its way in."""

import hashlib

import pytest

from wan_notebook.errors import MediaError, StorageError
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.widgets.upload import Upload

CONTENT = bytes(range(256)) * 40


def test_pieces_come_in_any_order() -> None:
    """The file is whole once each of its bytes has come, however they came."""
    upload = Upload("dance.mp4", len(CONTENT))
    for offset in (4096, 0, 8192, 4096):
        upload.write(offset, memoryview(CONTENT[offset : offset + 4096]))
    assert upload.received == 10240
    path = upload.finish(hashlib.sha256(CONTENT).hexdigest())
    assert path.read_bytes() == CONTENT
    assert path.name == "dance.mp4"


@pytest.mark.parametrize(
    "pieces", [[(0, 10), (5, 20), (30, 40)], [(30, 40), (10, 20), (0, 10)], [(0, 20)] * 2 + [(30, 40)]]
)
def test_missing_ranges_are_known(pieces: list[tuple[int, int]]) -> None:
    """Whatever the sizes of the pieces, and where they overlap, each byte that has arrived counts once."""
    upload = Upload("dance.mp4", 50)
    for start, stop in pieces:
        upload.write(start, bytes(stop - start))
    assert (upload.received, upload.missing) == (30, [(20, 30), (40, 50)])


def test_equal_files_share_a_folder() -> None:
    """A file lies in a folder named by its content."""
    paths = set()
    for _ in range(2):
        upload = Upload("dance.mp4", len(CONTENT))
        upload.write(0, CONTENT)
        paths.add(upload.finish(hashlib.sha256(CONTENT).hexdigest()))
    assert len(paths) == 1


@pytest.mark.parametrize("sent", [CONTENT[:-1] + b"\0", CONTENT[:-1]], ids=["one byte differs", "one byte is missing"])
def test_a_damaged_file_is_removed(sent: bytes) -> None:
    """What differs from what the browser sent is never handed on."""
    upload = Upload("dance.mp4", len(CONTENT))
    upload.write(0, sent)
    with pytest.raises(MediaError, match=r"dance\.mp4 did not arrive whole; choose it again"):
        upload.finish(hashlib.sha256(CONTENT).hexdigest())
    assert list(subfolder("uploads").iterdir()) == []


@pytest.mark.parametrize("offset", [-1, 1])
def test_pieces_outside_are_refused(offset: int) -> None:
    """A file that grows while it is read is not taken."""
    upload = Upload("dance.mp4", 10)
    with pytest.raises(MediaError, match="changed while it was read"):
        upload.write(offset, b"0123456789")


def test_an_empty_file_is_refused() -> None:
    """There is nothing to be used in it."""
    with pytest.raises(MediaError, match=r"nothing\.mp4 is empty"):
        Upload("nothing.mp4", 0)


def test_a_huge_file_is_refused() -> None:
    """Nobody waits for an upload which cannot end well."""
    with pytest.raises(StorageError, match="does not fit on the disk"):
        Upload("huge.mp4", 1 << 60)


def test_discarded_upload_leaves_nothing() -> None:
    """Nothing remains of an upload that was given up, and another one stays as it is."""
    Upload("lost.mp4", 10).discard()
    current = Upload("current.mp4", 10)
    assert list(subfolder("uploads").iterdir()) == [current.partial]
