"""Which store of objects an installation has, by its setting."""

from pathlib import Path

from storage.ground.filesystem import FolderObjects
from storage.ground.objects import Objects


def open_objects(url: str) -> Objects:
    """The store that `url` names: file:PATH, s3://KEY:SECRET@HOST/BUCKET or s3s:// (over TLS)."""
    if url.startswith("file:"):
        return FolderObjects(Path(url.removeprefix("file:")))
    from storage.ground.s3 import S3Objects  # only where there is a server: its client takes long to load

    return S3Objects.from_url(url)
