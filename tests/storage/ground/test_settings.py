"""Settings are refused at the start, all at once, by name; and .env.example tells the truth about each of them."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from storage.ground.settings import _PARSERS, DEVELOPMENT_SECRET, Settings, SettingsRefused, read_settings

ROOT = Path(__file__).parents[3]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
NAMES = [field.name for field in fields(Settings)]
SECRET = "mot-bi-mat-dai-hon-ba-muoi-hai-ky-tu"


def problems_of(**given: str) -> list[tuple[str, str]]:
    with pytest.raises(SettingsRefused) as refused:
        read_settings({f"KHONGGIAY_{name}": value for name, value in given.items()})
    return refused.value.problems


def example(name: str) -> tuple[str, str]:
    """The comment above a setting, and the value that its line shows."""
    found = re.search(rf"((?:^# .*\n)+)#KHONGGIAY_{name.upper()}=(.*)$", EXAMPLE, re.MULTILINE)
    assert found, name
    return found[1], found[2]


def test_nothing_must_be_set_to_begin() -> None:
    settings = read_settings({"PATH": "/usr/bin"})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///var/khonggiay.sqlite3"
    assert settings.objects_url == "file:var/objects"
    assert settings.broker_url == "filesystem:var/broker"
    assert settings.index_dir == Path("var/index")


def test_stores_without_an_address_of_their_own_follow_the_data_folder() -> None:
    settings = read_settings({"KHONGGIAY_DATA_DIR": "/srv/khonggiay", "KHONGGIAY_BROKER_URL": "amqp://a:b@127.0.0.1:5672/"})
    assert settings.database_url == "sqlite:////srv/khonggiay/khonggiay.sqlite3"
    assert settings.broker_url == "amqp://a:b@127.0.0.1:5672/"


def test_an_empty_value_counts_as_not_given() -> None:
    assert read_settings({"KHONGGIAY_PORT": "", "KHONGGIAY_WATCHED_DIR": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ENVIRONMENT", "prod", "one of development, production, test"),
        ("SECRET_KEY", "short", "at least 32 characters, for example the output of `openssl rand -hex 32`"),
        ("DATABASE_URL", "mysql://a:b@c/d", "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"),
        ("DATABASE_URL", "postgresql://a:b@c/d", "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"),
        ("OBJECTS_URL", "/srv/objects", "file:PATH, or s3://KEY:SECRET@HOST:PORT/BUCKET (s3s:// over TLS)"),
        ("OBJECTS_URL", "s3://host/bucket", "file:PATH, or s3://KEY:SECRET@HOST:PORT/BUCKET (s3s:// over TLS)"),
        ("BROKER_URL", "redis://x", "filesystem:PATH or amqp://USER:PASSWORD@HOST:PORT/ (amqps:// over TLS)"),
        ("HOST", "a host", "an address to listen on"),
        ("PORT", "0", "a whole number from 1 to 65535"),
        ("PORT", "8080a", "a whole number from 1 to 65535"),
        ("BEHIND_PROXY", "maybe", "yes or no"),
        (
            "TRUSTED_PROXIES",
            "10.0.0.5, our-proxy",
            "addresses or networks, with commas between them: 10.0.0.5, 10.1.0.0/24, fd00::/64",
        ),
        ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
        ("MAX_UPLOAD_MB", "4000", "a whole number from 1 to 2000"),
        ("READERS", "1.5", "a whole number from 1 to 64"),
        ("ARCHIVE_AGENCY_CODE", "mã cơ quan!", "at most 35 letters, digits, dots or hyphens"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_was_expected(name: str, value: str, expected: str) -> None:
    assert problems_of(**{name: value}) == [(f"KHONGGIAY_{name}", expected)]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert [name for name, _ in problems_of(PORT="x", READERS="y", NO_SUCH="z")] == [
        "KHONGGIAY_NO_SUCH",
        "KHONGGIAY_PORT",
        "KHONGGIAY_READERS",
    ]


@pytest.mark.parametrize("name", ["SECRET", "secret_key", "DATABASE"])
def test_a_name_that_no_setting_bears_is_refused(name: str) -> None:
    assert problems_of(**{name: "x" * 40}) == [(f"KHONGGIAY_{name}", "nothing: no setting of this name exists")]


def test_wrong_values_are_not_repeated_since_they_may_be_secret() -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings({"KHONGGIAY_DATABASE_URL": "postgres://lan:hunter2@db/x"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("given", [{}, {"SECRET_KEY": DEVELOPMENT_SECRET}])
def test_production_refuses_the_secret_of_development(given: dict[str, str]) -> None:
    assert [name for name, _ in problems_of(ENVIRONMENT="production", **given)] == ["KHONGGIAY_SECRET_KEY"]


def test_production_takes_a_secret_of_its_own() -> None:
    assert read_settings({"KHONGGIAY_ENVIRONMENT": "production", "KHONGGIAY_SECRET_KEY": SECRET}).is_production


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"SIGNING_KEY": "/khong/co/khoa.p12", "SIGNING_PASSWORD": "x"}, "SIGNING_KEY"),
        ({"SIGNING_PASSWORD": "x"}, "SIGNING_PASSWORD"),
        ({"TRUST_ROOTS": "/khong/co"}, "TRUST_ROOTS"),
    ],
)
def test_production_refuses_to_sign_with_what_is_not_there(given: dict[str, str], name: str) -> None:
    assert [wrong for wrong, _ in problems_of(ENVIRONMENT="production", SECRET_KEY=SECRET, **given)] == [f"KHONGGIAY_{name}"]


def test_the_example_names_every_setting_once_and_no_other() -> None:
    assert sorted(re.findall(r"^#?KHONGGIAY_(\w+)=", EXAMPLE, re.MULTILINE)) == sorted(name.upper() for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_says_of_each_setting_its_default_and_what_is_expected(name: str) -> None:
    comment, value = example(name)
    assert f"Expected: {_PARSERS[name][1]}\n" in comment
    assert "# Default: " in comment
    if value:
        assert read_settings({f"KHONGGIAY_{name.upper()}": value}) == Settings()
        assert f"# Default: {value}" in comment


def test_the_example_can_be_taken_as_it_is() -> None:
    lines = [line.removeprefix("#") for line in EXAMPLE.splitlines() if re.match(r"#?[A-Z0-9_]+=", line)]
    assert read_settings(dict(line.split("=", 1) for line in lines)) == Settings()


@pytest.mark.parametrize("command", ["status", "migrate", "web", "worker", "run"])
def test_every_command_refuses_wrong_settings_in_one_line_each_without_a_traceback(command: str, tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KHONGGIAY_")}
    environ |= {"KHONGGIAY_PORT": "x", "KHONGGIAY_ENVIRONMENT": "production"}
    environ |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore::SyntaxWarning"}  # whoosh, compiled for the first time
    done = subprocess.run(
        [sys.executable, "-m", "khonggiay", command],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["KHONGGIAY_PORT", "KHONGGIAY_SECRET_KEY"]
    assert lines[0].endswith("cần một số nguyên từ 1 đến 65535.")
    assert list(tmp_path.iterdir()) == []
