"""What every store of objects promises, asked of the folder and of a real S3 server."""

import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from domain.ground.clock import now
from storage.ground.filesystem import FolderObjects
from storage.ground.objects import ObjectDamaged, ObjectMissing, Objects, ObjectTooLarge, StoreUnavailable, compare, verify
from storage.ground.s3 import S3Objects
from storage.ground.stores import open_objects
from tests.servers import SeaweedFS, wire

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # the SHA-256 of no bytes at all
PAPER = "Tờ trình số 12/TTr-LĐLĐ".encode()
PAPER_KEY = hashlib.sha256(PAPER).hexdigest()
BIG = bytes(range(256)) * 20_480  # 5 MiB


def content(store: Objects, key: str) -> bytes:
    with store.open(key) as stream:
        return stream.read()


def lying(store: S3Objects, key: str) -> bytes:
    with store.unchecked(key) as stream:
        return stream.read()


def damage(store: Objects, key: str) -> None:
    """Flip one bit behind the back of the store."""
    if isinstance(store, S3Objects):
        flipped = io.BytesIO(bytes([lying(store, key)[0] ^ 1]) + lying(store, key)[1:])
        store._client.put_object(store._bucket, key, flipped, len(flipped.getvalue()))
        return
    with store.local_path(key) as path:
        path.chmod(0o640)
        data = bytearray(path.read_bytes())
        data[0] ^= 1
        path.write_bytes(data)


def test_what_was_put_is_there_under_the_hash_of_its_bytes(store: Objects) -> None:
    assert store.put(io.BytesIO(PAPER)) == (PAPER_KEY, len(PAPER))
    assert store.exists(PAPER_KEY)
    assert content(store, PAPER_KEY) == PAPER
    verify(store, PAPER_KEY)


def test_a_store_keeps_a_name_of_its_own_that_is_no_object(store: Objects) -> None:
    before = list(store.keys())
    name = store.identity()
    assert (len(name), store.identity()) == (32, name)
    assert list(store.keys()) == before


@pytest.mark.parametrize(("data", "size"), [(b"", 0), (BIG, 5_242_880)], ids=["empty", "5 MiB"])
def test_an_object_of_any_size_comes_back_whole(store: Objects, data: bytes, size: int) -> None:
    key, kept = store.put(io.BytesIO(data))
    assert kept == size
    assert content(store, key) == data
    assert (key == EMPTY) is (size == 0)


def test_an_object_can_be_read_in_pieces(store: Objects) -> None:
    key, _ = store.put(io.BytesIO(BIG))
    with store.open(key) as stream:
        assert stream.read(3) == b"\x00\x01\x02"
        assert stream.read(2) == b"\x03\x04"


def test_many_readers_who_leave_in_the_middle_take_nothing_from_the_next(store: Objects) -> None:
    key, _ = store.put(io.BytesIO(BIG))
    for _ in range(80):  # more than there are connections
        with store.open(key) as stream:
            stream.read(10)
    assert content(store, key) == BIG


def test_the_same_bytes_twice_are_one_object(store: Objects) -> None:
    assert store.put(io.BytesIO(PAPER)) == store.put(io.BytesIO(PAPER))
    assert list(store.keys()) == [PAPER_KEY]


def test_a_local_path_holds_the_bytes_for_as_long_as_the_block_lasts(store: Objects) -> None:
    key, _ = store.put(io.BytesIO(PAPER))
    with store.local_path(key) as path:
        assert path.read_bytes() == PAPER


def test_what_fails_inside_the_block_of_a_local_path_is_not_blamed_on_the_store(store: Objects) -> None:
    key, _ = store.put(io.BytesIO(PAPER))
    with pytest.raises(FileNotFoundError), store.local_path(key):
        raise FileNotFoundError("of the one who reads")


def test_keys_are_all_objects_in_order(store: Objects) -> None:
    keys = [store.put(io.BytesIO(bytes([number])))[0] for number in range(5)]
    assert list(store.keys()) == sorted(keys)


def test_every_object_tells_its_size_and_when_it_was_put(store: Objects) -> None:
    before = now() - timedelta(seconds=5)  # a server may count whole seconds
    key, _ = store.put(io.BytesIO(PAPER))
    (stored,) = store.stored()
    assert (stored.key, stored.size) == (key, len(PAPER))
    assert before < stored.put_at < now() + timedelta(seconds=5)


def test_what_puts_left_that_were_cut_short_is_cleared_once_it_is_old(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path)
    key, _ = store.put(io.BytesIO(PAPER))
    (tmp_path / "incoming" / "tmp123").write_bytes(b"half a paper")
    assert store.clear_unfinished(before=now() - timedelta(hours=24)) == 0
    assert store.clear_unfinished(before=now() + timedelta(seconds=1)) == 1
    assert list((tmp_path / "incoming").iterdir()) == []
    assert list(store.keys()) == [key]


def test_a_new_store_is_empty(store: Objects) -> None:
    assert list(store.keys()) == []


def test_a_removed_object_is_gone_and_may_be_removed_again(store: Objects) -> None:
    store.put(io.BytesIO(PAPER))
    store.remove(PAPER_KEY)
    store.remove(PAPER_KEY)
    assert not store.exists(PAPER_KEY)
    assert list(store.keys()) == []


def test_what_was_never_put_is_missing(store: Objects) -> None:
    assert not store.exists(PAPER_KEY)
    with pytest.raises(ObjectMissing):
        store.open(PAPER_KEY)
    with pytest.raises(ObjectMissing), store.local_path(PAPER_KEY):
        pass
    with pytest.raises(ObjectMissing):
        verify(store, PAPER_KEY)


def test_bytes_up_to_the_limit_are_kept(store: Objects) -> None:
    assert store.put(io.BytesIO(b"12345"), limit=5)[1] == 5


def test_of_bytes_past_the_limit_nothing_is_kept(store: Objects) -> None:
    with pytest.raises(ObjectTooLarge) as refused:
        store.put(io.BytesIO(b"123456"), limit=5)
    assert refused.value.limit == 5
    assert list(store.keys()) == []


class Hangs(io.RawIOBase):
    """A sender who goes away after the first bytes."""

    def __init__(self) -> None:
        self._answers = iter([b"%PDF-1.7"])

    def read(self, size: int = 1) -> bytes:
        for answer in self._answers:
            return answer[:size]
        raise ConnectionResetError("the browser was closed")


def test_a_sender_who_goes_away_is_told_apart_from_a_store_that_fails_and_leaves_nothing(
    store: Objects, tmp_path: Path
) -> None:
    with pytest.raises(ConnectionResetError):
        store.put(cast(BinaryIO, Hangs()))
    assert list(store.keys()) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "..", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n", "/" + "a" * 63, "a" * 65]
)
def test_no_key_leads_out_of_the_store(store: Objects, key: str) -> None:
    for act in (store.open, store.exists, store.remove):
        with pytest.raises(ValueError, match="not the SHA-256"):
            act(key)
    with pytest.raises(ValueError, match="not the SHA-256"), store.local_path(key):
        pass


def test_a_flipped_bit_is_found(store: Objects) -> None:
    key, _ = store.put(io.BytesIO(PAPER))
    damage(store, key)
    assert store.exists(key)
    with pytest.raises(ObjectDamaged):
        verify(store, key)


def test_what_has_changed_is_not_given_out(store: Objects) -> None:
    for data in (PAPER, BIG):
        key, _ = store.put(io.BytesIO(data))
        assert content(store, key) == data  # and remembered, if it is large
        damage(store, key)
        with pytest.raises(ObjectDamaged):
            store.open(key)
        with pytest.raises(ObjectDamaged), store.local_path(key):
            pass


def test_what_is_given_out_can_be_read_from_any_place(store: Objects) -> None:
    for data in (PAPER, BIG):
        key, _ = store.put(io.BytesIO(data))
        with store.open(key) as stream:
            stream.seek(-5, io.SEEK_END)
            assert stream.read() == data[-5:]


def test_a_large_file_is_read_whole_again_once_its_inode_changes_or_ten_minutes_have_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderObjects(tmp_path)
    key, _ = store.put(io.BytesIO(BIG))
    with store.local_path(key) as path:
        path.chmod(0o640)
    store.open(key).close()
    compared = []
    monkeypatch.setattr(
        "storage.ground.filesystem.compare", lambda stream, key, aside=None: compared.append(compare(stream, key, aside))
    )
    store.open(key).close()
    assert compared == []
    path.touch()
    store.open(key).close()
    assert compared == [len(BIG)]
    later = time.monotonic() + 601
    monkeypatch.setattr("storage.ground.filesystem.time.monotonic", lambda: later)
    store.open(key).close()
    assert compared == [len(BIG), len(BIG)]


def test_a_damaged_object_is_made_whole_when_its_bytes_come_again(store: Objects) -> None:
    key, _ = store.put(io.BytesIO(PAPER))
    damage(store, key)
    store.put(io.BytesIO(PAPER))
    verify(store, key)


def test_a_folder_without_room_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderObjects(tmp_path)
    monkeypatch.setattr("storage.ground.filesystem.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "no space left")))
    with pytest.raises(StoreUnavailable):
        store.put(io.BytesIO(PAPER))
    assert list(store.keys()) == []
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_place_that_can_be_no_folder_is_refused_as_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        open_objects(f"file:{tmp_path}/file")


def test_an_object_in_a_folder_is_written_once_and_then_only_read(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path)
    key, _ = store.put(io.BytesIO(PAPER))
    with store.local_path(key) as path:
        assert path == tmp_path / key[:2] / key[2:4] / key
        assert oct(path.stat().st_mode & 0o777) == "0o400"


@pytest.mark.s3
def test_the_copy_of_an_s3_object_is_gone_after_the_block(
    seaweedfs: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = open_objects(seaweedfs.url("test"))
    key, _ = store.put(io.BytesIO(PAPER))
    with store.local_path(key) as path:
        assert path.parent == tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.s3
def test_a_wrong_secret_opens_no_store(seaweedfs: SeaweedFS) -> None:
    with pytest.raises(StoreUnavailable):
        open_objects(seaweedfs.url("test", secret="sai-khoa-bi-mat"))


@pytest.mark.s3
def test_a_bucket_that_is_there_is_used_as_it_is(seaweedfs: SeaweedFS) -> None:
    open_objects(seaweedfs.url("test")).put(io.BytesIO(PAPER))
    assert open_objects(seaweedfs.url("test")).exists(PAPER_KEY)


@pytest.mark.s3
def test_a_server_that_dies_while_bytes_are_sent_keeps_nothing(seaweedfs: SeaweedFS) -> None:
    data = os.urandom(len(BIG))
    with wire(seaweedfs.port, cut_after=1 << 20) as port:
        store = open_objects(seaweedfs.url("test", port=port))
        with pytest.raises(StoreUnavailable):
            store.put(io.BytesIO(data))
    assert not open_objects(seaweedfs.url("test")).exists(hashlib.sha256(data).hexdigest())


@pytest.mark.s3
def test_a_server_that_dies_while_bytes_are_read_is_noticed(
    seaweedfs: SeaweedFS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    key, _ = open_objects(seaweedfs.url("test")).put(io.BytesIO(BIG))
    with wire(seaweedfs.port, cut_after=1 << 20) as port:
        store = open_objects(seaweedfs.url("test", port=port))
        with pytest.raises(StoreUnavailable):
            verify(store, key)
        with pytest.raises(StoreUnavailable), store.local_path(key):
            pass
    assert list(tmp_path.iterdir()) == []


def _acts(store: Objects) -> Iterator[Callable[[], object]]:
    yield lambda: store.put(io.BytesIO(PAPER))
    yield lambda: store.open(PAPER_KEY)
    yield lambda: store.exists(PAPER_KEY)
    yield lambda: store.remove(PAPER_KEY)
    yield lambda: list(store.keys())


@pytest.mark.s3
@pytest.mark.slow
def test_a_dead_server_is_unavailable_to_every_act_and_loses_nothing(seaweedfs: SeaweedFS) -> None:
    store = open_objects(seaweedfs.url("test"))
    keys = {store.put(io.BytesIO(data))[0] for data in (PAPER, b"", BIG)}
    seaweedfs.kill()
    try:
        for act in _acts(store):
            with pytest.raises(StoreUnavailable):
                act()
        early = open_objects(seaweedfs.url("test"))  # a program may start before the server does
    finally:
        seaweedfs.start()
    assert _when_it_serves_again(lambda: early.put(io.BytesIO(PAPER))) == (PAPER_KEY, len(PAPER))
    assert keys <= set(store.keys())
    for key in keys:
        verify(store, key)


def _when_it_serves_again(act: Callable[[], tuple[str, int]]) -> tuple[str, int]:
    """The server listens some moments before its volumes have reported; until then it says "please try again"."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return act()
        except StoreUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
