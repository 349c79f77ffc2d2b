"""All tables, imported once so that the metadata is whole; and bringing a database to the newest revision."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.archive import (
    documents,  # noqa: F401
    intake,  # noqa: F401
    work,  # noqa: F401
)
from storage.archive import places as archive  # noqa: F401
from storage.directives import (
    closings,  # noqa: F401
    deliveries,  # noqa: F401
    evidence,  # noqa: F401
    incoming,  # noqa: F401
    numbering,  # noqa: F401
    outgoing,  # noqa: F401
)
from storage.directives import imports as register_imports  # noqa: F401
from storage.ground import (
    audit,  # noqa: F401
    mail,  # noqa: F401
)
from storage.ground.database import Base, Database
from storage.indicators import mail as indicator_mail  # noqa: F401
from storage.indicators import plans as indicators  # noqa: F401
from storage.indicators import reports as indicator_reports  # noqa: F401
from storage.meetings import (
    attendance,  # noqa: F401
    bodies,  # noqa: F401
    floor,  # noqa: F401
    meetings,  # noqa: F401
    minutes,  # noqa: F401
    notes,  # noqa: F401
    opinions,  # noqa: F401
    papers,  # noqa: F401
    presenting,  # noqa: F401
    tasks,  # noqa: F401
    votes,  # noqa: F401
)
from storage.people import (
    people,  # noqa: F401
    units,  # noqa: F401
)

metadata = Base.metadata


def migrate(database: Database) -> None:
    """Bring the database to the newest revision, with what a new one must hold; nothing happens if it is there."""
    command.upgrade(_config(database), "head")
    with database.writing() as session:
        outgoing.seed_directive_kinds(session)
        indicators.seed_plan(session)


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _scripts(database).get_current_head()


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["database"] = database
    return config


def _scripts(database: Database) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(database))
