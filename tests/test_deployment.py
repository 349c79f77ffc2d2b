"""The files for production say what the programs and settings say; no Docker engine is needed to see it."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from khonggiay.main import khonggiay
from storage.ground.settings import read_settings

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
INSTRUCTIONS = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def instructions(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in INSTRUCTIONS if line.startswith(word + " ")]


def filled(value: object) -> str:
    """A value with what .env would fill in: an example for what must be given, the default for the rest."""
    return re.sub(r"\$\{(\w+):([?-])([^}]*)\}", lambda found: "a1" * 20 if found[2] == "?" else found[3], str(value))


def strings(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in strings(value)]
    if isinstance(node, list):
        return [text for value in node for text in strings(value)]
    return [str(node)]


def test_the_whole_system_is_there() -> None:
    assert sorted(SERVICES) == ["broker", "database", "migrate", "objects", "web", "worker"]
    assert OURS == ["web", "worker", "migrate"]


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_watched_and_comes_back_by_itself(name: str) -> None:
    service = SERVICES[name]
    if name == "migrate":
        assert service["restart"] == "no"
        assert service["healthcheck"] == {"disable": True}
        return
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in OURS])
def test_each_foreign_image_is_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[\w/]+:\d+\.\d+(\.\d+)?(-\w+)?", SERVICES[name]["image"])


def test_the_s3_server_is_the_one_that_the_tests_run() -> None:
    version = SERVICES["objects"]["image"].partition(":")[2]
    assert f"\nseaweedfs-bin=={version} " in (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")


def test_each_volume_that_is_used_is_declared_and_each_that_is_declared_is_used() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", ["database", "objects", "broker"])
def test_what_must_not_be_lost_is_kept_in_a_volume_of_its_own(name: str) -> None:
    assert any(volume.startswith(f"{name}:/") for volume in SERVICES[name]["volumes"])


def test_the_worker_writes_the_index_and_the_web_program_reads_it() -> None:
    assert "data:/data" in SERVICES["worker"]["volumes"]
    assert "data:/data:ro" in SERVICES["web"]["volumes"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_are_there_and_for_a_state_that_they_reach(name: str) -> None:
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        runs_once = other == "migrate"
        assert wanted == {"condition": "service_completed_successfully" if runs_once else "service_healthy"}
        assert other in SERVICES


def test_the_programs_wait_for_the_migration_and_the_migration_for_the_database() -> None:
    assert {"migrate", "database", "broker", "objects"} <= set(SERVICES["web"]["depends_on"])
    assert {"migrate", "database", "broker", "objects"} <= set(SERVICES["worker"]["depends_on"])
    assert set(SERVICES["migrate"]["depends_on"]) == {"database"}


@pytest.mark.parametrize("name", OURS)
def test_our_programs_run_commands_that_exist_with_settings_that_are_accepted(name: str) -> None:
    program, command = SERVICES[name]["command"]
    assert program == "khonggiay"
    assert command in khonggiay.commands
    settings = read_settings({key: filled(value) for key, value in SERVICES[name]["environment"].items()})
    assert settings.is_production
    assert settings.database_url.startswith("postgresql+psycopg://khonggiay:a1a1")
    assert settings.objects_url.endswith("@objects:8333/khonggiay")
    assert settings.broker_url.endswith("@broker:5672/")


@pytest.mark.parametrize("name", OURS)
def test_our_programs_hold_no_right_that_they_do_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert any(volume.endswith(":/tmp") for volume in service["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_can_gain_rights_or_is_reached_from_other_machines(name: str) -> None:
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert ("ports" in SERVICES[name]) is (name == "web")


def test_the_worker_cannot_eat_all_memory_and_has_time_to_finish_a_page() -> None:
    settings = read_settings({})
    limit_mb = int(filled(SERVICES["worker"]["mem_limit"]).removesuffix("g")) * 1024
    assert limit_mb > settings.readers * settings.page_memory_mb
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > settings.page_timeout_s


def test_no_secret_has_a_default() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    assert required == {"KHONGGIAY_SECRET_KEY", "POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "S3_SECRET_KEY"}
    for service in SERVICES.values():
        for key, value in service["environment"].items():
            if re.search(r"PASS|SECRET|_URL$", key):
                assert re.search(r"\$\{\w+:(\?|-\}$)", value), key


def test_whatever_compose_asks_of_env_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+)", " ".join(strings(COMPOSE))))
    shown = set(re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
    assert asked <= shown


NOT_FOR_CONTAINERS = {
    "WATCHED_DIR": "no folder of the machine is mounted into the worker",
    "SECOND_OBJECTS_URL": "what the second store is owed is written by the web program too, which sees the data read-only",
    "BACKUP_DIR": "no folder of the machine is mounted into the worker; the volumes are backed up",
    "BACKUP_AT": "goes with BACKUP_DIR",
    "BACKUP_KEEP": "goes with BACKUP_DIR",
}


@pytest.mark.parametrize("name", OURS)
def test_every_setting_reaches_the_containers_or_is_not_meant_for_them(name: str) -> None:
    known = set(re.findall(r"^#?KHONGGIAY_([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
    passed = {key.removeprefix("KHONGGIAY_") for key in SERVICES[name]["environment"]}
    assert known - passed == set(NOT_FOR_CONTAINERS)
    assert passed <= known


def test_the_passwords_of_the_example_are_empty() -> None:
    assert re.findall(r"^([A-Z0-9_]+)=(.+)$", EXAMPLE, re.MULTILINE) == []


def test_the_images_of_the_dockerfile_are_pinned() -> None:
    for image in instructions("FROM"):
        assert re.match(r"[\w./]+:\d+\.\d+\.\d+", image), image


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert instructions("USER") == ["khonggiay"]
    last = max(number for number, line in enumerate(INSTRUCTIONS) if line.startswith(("RUN ", "COPY ")))
    assert INSTRUCTIONS.index("USER khonggiay") > last


def test_packages_of_the_system_are_installed_without_extras_and_their_lists_removed() -> None:
    installs = [run for run in instructions("RUN") if "apt-get" in run]
    assert installs
    for run in installs:
        assert "--no-install-recommends" in run
        assert "rm -rf /var/lib/apt/lists/*" in run


def test_the_image_has_the_programs_of_the_system_that_make_install_names() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.search(r"bin/install-system (tesseract.*)", makefile)
    assert named
    (run,) = [run for run in instructions("RUN") if "apt-get" in run]
    assert {package for package in named[1].split() if package.startswith("tesseract")} <= set(run.split())


def test_the_image_is_watched_and_begins_with_a_command_that_exists() -> None:
    assert instructions("HEALTHCHECK")
    (command,) = instructions("CMD")
    program, name = yaml.safe_load(command)
    assert program == "khonggiay"
    assert name in khonggiay.commands


def test_what_the_image_copies_is_let_through_and_holds_every_package_of_ours() -> None:
    allowed = {
        line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    copied = [shlex.split(line) for line in instructions("COPY") if "--from" not in line]
    sources = {source for words in copied for source in words[:-1]}
    assert sources == allowed
    assert all((ROOT / source).exists() for source in sources)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages <= sources
