"""Which stores of objects an installation has, by its settings."""

from pathlib import Path

from storage.ground.filesystem import FolderObjects
from storage.ground.objects import Objects
from storage.ground.replica.debts import Debts, place_of
from storage.ground.replica.objects import ReplicatedObjects
from storage.ground.settings import Settings


def objects_of(settings: Settings) -> Objects:
    """All that is kept of an installation, in one store or in two."""
    first = open_objects(settings.objects_url)
    if not settings.second_objects_url:
        return first
    return ReplicatedObjects(first, settings.second_objects_url, debts_of(settings), open_objects)


def debts_of(settings: Settings) -> Debts:
    """What the second store is owed."""
    return Debts(settings.data_dir / "second-store", place_of(settings.second_objects_url or ""))


def open_objects(url: str) -> Objects:
    """The store that `url` names: file:PATH, s3://KEY:SECRET@HOST/BUCKET or s3s:// (over TLS)."""
    if url.startswith("file:"):
        return FolderObjects(Path(url.removeprefix("file:")))
    from storage.ground.s3 import S3Objects  # only where there is a server: its client takes long to load

    return S3Objects.from_url(url)
