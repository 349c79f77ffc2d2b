"""The files of an installation are for its own account alone."""

from pathlib import Path

import pytest

from khonggiay.programs import keep_private
from khonggiay.refusals import told
from storage.ground.privacy import FilesOpen, close_to_others, open_to_others
from storage.ground.settings import Settings


def laid_open(folder: Path) -> Settings:
    settings = Settings(environment="production", data_dir=folder / "var")
    for path in (settings.data_dir, settings.index_dir, folder / "var/objects"):
        path.mkdir()
        path.chmod(0o755)
    for name in ("khonggiay.sqlite3", "khonggiay.sqlite3-wal"):
        (settings.data_dir / name).touch()
        (settings.data_dir / name).chmod(0o644)
    return settings


def test_what_others_may_read_is_found_and_closed(tmp_path: Path) -> None:
    settings = laid_open(tmp_path)
    assert [path.name for path in open_to_others(settings)] == [
        "var", "khonggiay.sqlite3", "khonggiay.sqlite3-wal", "objects", "index",
    ]  # fmt: skip
    assert close_to_others(settings) == []
    assert oct((settings.data_dir / "khonggiay.sqlite3").stat().st_mode & 0o777) == "0o600"
    assert oct(settings.data_dir.stat().st_mode & 0o777) == "0o700"


def test_what_cannot_be_closed_stops_a_start_in_production_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = laid_open(tmp_path)

    def refuse(_path: Path, _mode: int) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(FilesOpen) as refused:
        keep_private(settings)
    assert told(refused.value)[0] == 1
    assert told(refused.value)[1][0].startswith(f"{tmp_path}/var: tài khoản khác trên máy này đọc hoặc ghi được.")
    keep_private(Settings(data_dir=settings.data_dir))
    assert f"{tmp_path}/var/khonggiay.sqlite3: tài khoản khác" in capsys.readouterr().err


def test_what_lies_on_servers_is_no_file_of_ours(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path / "none", database_url="postgresql+psycopg://a:b@host/c", objects_url="s3://a:b@host/c",
        broker_url="amqp://a:b@host/",
    )  # fmt: skip
    assert open_to_others(settings) == []
