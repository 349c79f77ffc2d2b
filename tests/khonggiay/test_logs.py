"""What programs write into their logs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from khonggiay.logs import configure_logs
from storage.ground.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_traceback_never_shows_the_variables_of_what_failed(
    environment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret_key = "k" * 64
    configure_logs(Settings(environment=environment, data_dir=tmp_path, secret_key=secret_key))
    ballot = "không đồng " + "ý"
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger().exception("view_failed")
    written = capsys.readouterr()
    assert "broken" in written.out + written.err
    assert ballot not in written.out + written.err
