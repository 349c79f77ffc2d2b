"""The worker's heartbeat: a file in the data folder, which all programs of an installation share; its time says when the last one beat."""

from pathlib import Path

from storage.ground.settings import Settings


def beat(settings: Settings) -> None:
    """Say that a worker lives."""
    _file(settings).touch()


def beaten_at(settings: Settings) -> float | None:
    """When a worker last beat, in seconds since 1970; None where none ever did."""
    try:
        return _file(settings).stat().st_mtime
    except OSError:
        return None


def _file(settings: Settings) -> Path:
    return settings.data_dir / "worker.beat"
