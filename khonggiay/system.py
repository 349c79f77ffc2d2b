"""Opening the stores of an installation for a command, and the one way all commands print JSON."""

import json
import os
from collections.abc import Mapping
from typing import Any

import click

from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.settings import Settings, read_settings
from storage.ground.stores import objects_of
from storage.tables import DatabaseUnfit, Revision, revision_of


def settings() -> Settings:
    """The settings of the environment; raises SettingsRefused."""
    return read_settings(os.environ)


def database() -> Database:
    """The database, which must stand at the newest revision, closed when the command ends; raises DatabaseUnfit."""
    opened = Database(settings().database_url)
    if command := click.get_current_context(silent=True):
        command.call_on_close(opened.close)
    if (revision := revision_of(opened)) is not Revision.CURRENT:
        raise DatabaseUnfit(revision)
    return opened


def objects() -> Objects:
    """The store of objects, or the two."""
    return objects_of(settings())


def say(facts: Mapping[str, Any]) -> None:
    """Print one object on one line."""
    click.echo(json.dumps(facts, ensure_ascii=False))
