"""Objects on any S3 server, through the `minio` client: the only module that knows it."""

import io
import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from storage.ground.objects import (
    CHUNK,
    IDENTITY,
    Hashed,
    ObjectDamaged,
    ObjectMissing,
    Stored,
    StoreUnavailable,
    check_key,
    compare,
    is_key,
    on_disk,
    verify,
)

_MISSING = {"NoSuchKey", "NoSuchObject", "NotFound", "NoSuchBucket"}
_UNREACHABLE = (urllib3.exceptions.HTTPError, OSError)
_FAILURES = (MinioException, *_UNREACHABLE)
_MEMORY = 8 * CHUNK  # bytes of an object that are kept in memory before a temporary file is used
_CONNECTIONS = 64  # kept open; each thread of the web program may want one
_CONNECT_S, _SILENCE_S = 5, 30  # how long the server may take to accept, and then be silent, before the try is given up
_STARTING = [500, 502, 503, 504]  # what a server answers that has just been started


class S3Objects:
    """The objects of one bucket. Uses PUT, GET, HEAD, LIST and DELETE only, which every S3 server answers."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client, self._bucket = client, bucket
        self._has_bucket = False

    @classmethod
    def from_url(cls, url: str) -> "S3Objects":
        """The bucket of s3://KEY:SECRET@HOST:PORT/BUCKET (s3s:// over TLS), made if it is not there.

        Raises StoreUnavailable if the server refuses. If it does not answer, it may later: whoever asks will see.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=_CONNECT_S, read=_SILENCE_S),
            retries=urllib3.Retry(3, read=1, backoff_factor=0.2, status_forcelist=_STARTING, raise_on_status=False),
            maxsize=_CONNECTIONS,
        )
        client = Minio(
            f"{host}:{parts.port}" if parts.port else host,
            access_key=unquote(parts.username or ""),
            secret_key=unquote(parts.password or ""),
            secure=parts.scheme == "s3s",
            http_client=pool,
        )
        objects = cls(client, parts.path.strip("/"))
        with suppress(*_UNREACHABLE):
            objects._make_bucket()
        return objects

    def _make_bucket(self) -> None:
        try:
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket)
        except S3Error as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise StoreUnavailable(error.code) from error
        self._has_bucket = True

    def put(self, stream: BinaryIO, *, limit: int | None = None) -> tuple[str, int]:
        """See `Objects.put`. The bytes are spooled, since S3 wants the key before them."""
        with tempfile.SpooledTemporaryFile(max_size=_MEMORY) as spooled:
            hashed = Hashed(stream, limit)
            while data := hashed.read():
                with on_disk():
                    spooled.write(data)
            if not self._is_whole(hashed.key):
                self._send(cast(BinaryIO, spooled), hashed)
        return hashed.key, hashed.size

    def _is_whole(self, key: str) -> bool:
        try:
            verify(self, key)
        except (ObjectMissing, ObjectDamaged):  # damaged: the bytes that have come make it whole again
            return False
        return True

    def _send(self, spooled: BinaryIO, hashed: Hashed) -> None:
        spooled.seek(0)
        try:
            if not self._has_bucket:
                self._make_bucket()
            self._client.put_object(self._bucket, hashed.key, spooled, hashed.size)
        except _FAILURES as error:
            raise StoreUnavailable from error
        if not self._is_whole(hashed.key):
            raise StoreUnavailable(hashed.key)

    def open(self, key: str) -> BinaryIO:
        """See `Objects.open`: what comes over the network is laid aside, and compared on the way."""
        with ExitStack() as closing:
            aside = closing.enter_context(tempfile.SpooledTemporaryFile(max_size=_MEMORY))
            with self.unchecked(key) as stream:
                compare(stream, key, cast(BinaryIO, aside))
            aside.seek(0)
            closing.pop_all()
        return cast(BinaryIO, aside)

    def unchecked(self, key: str) -> BinaryIO:
        """See `Objects.unchecked`."""
        try:
            return cast(BinaryIO, _Response(self._client.get_object(self._bucket, check_key(key))))
        except S3Error as error:
            raise _translated(error, key) from error
        except _FAILURES as error:
            raise StoreUnavailable from error

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """See `Objects.local_path`: here, a temporary copy."""
        descriptor, name = tempfile.mkstemp(prefix="object-")
        path = Path(name)
        try:
            with on_disk(), os.fdopen(descriptor, "wb") as copy, self.unchecked(key) as stream:
                compare(stream, key, copy)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """See `Objects.exists`."""
        try:
            self._client.stat_object(self._bucket, check_key(key))
        except S3Error as error:
            if error.code in _MISSING:
                return False
            raise StoreUnavailable from error
        except _FAILURES as error:
            raise StoreUnavailable from error
        return True

    def remove(self, key: str) -> None:
        """See `Objects.remove`."""
        try:
            self._client.remove_object(self._bucket, check_key(key))
        except _FAILURES as error:
            raise StoreUnavailable from error

    def keys(self) -> Iterator[str]:
        """See `Objects.keys`."""
        yield from (stored.key for stored in self.stored())

    def stored(self) -> Iterator[Stored]:
        """See `Objects.stored`."""
        try:
            for item in self._client.list_objects(self._bucket, recursive=True):
                if is_key(item.object_name or ""):
                    yield Stored(item.object_name or "", item.last_modified or datetime.now(UTC), item.size or 0)
        except _FAILURES as error:
            raise StoreUnavailable from error

    def identity(self) -> str:
        """See `Objects.identity`. Where two write it at once the server keeps one, which is what both are told when they ask again."""
        try:
            if not self._has_bucket:
                self._make_bucket()
            with suppress(ObjectMissing):
                return self._identity()
            said = uuid.uuid4().hex.encode()
            self._client.put_object(self._bucket, IDENTITY, io.BytesIO(said), len(said))
            return self._identity()
        except (ObjectMissing, *_FAILURES) as error:
            raise StoreUnavailable from error

    def _identity(self) -> str:
        try:
            with _Response(self._client.get_object(self._bucket, IDENTITY)) as stream:
                return stream.read(64).decode("ascii", "replace")
        except S3Error as error:
            raise _translated(error, IDENTITY) from error

    def clear_unfinished(self, *, before: datetime) -> int:  # noqa: ARG002
        """See `Objects.clear_unfinished`: the server keeps what is unfinished out of sight, and clears it by a rule of its own."""
        return 0


class _Response:
    """The body of an answer, as a stream that gives its connection back when it is closed. A server that falls silent raises
    StoreUnavailable.
    """

    def __init__(self, response: Any) -> None:
        self._response = response

    def read(self, size: int = -1) -> bytes:
        try:
            data: bytes = self._response.read(size if size >= 0 else None)
        except _FAILURES as error:
            raise StoreUnavailable from error
        return data

    def close(self) -> None:
        self._response.close()
        self._response.release_conn()

    def __enter__(self) -> "_Response":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _translated(error: S3Error, key: str) -> Exception:
    return ObjectMissing(key) if error.code in _MISSING else StoreUnavailable(error.code)
