"""How programs log: readable lines in development, JSON in production. Never document text, names of voters, or secrets."""

import logging

import structlog

from storage.ground.settings import Settings


def configure_logs(settings: Settings) -> None:
    """Set up logging for this process."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), format="%(levelname)s %(name)s: %(message)s")
    # Plain, since a traceback with its variables would show passwords and ballots.
    readable = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    last = structlog.processors.JSONRenderer(ensure_ascii=False) if settings.is_production else readable
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if settings.is_production else []),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
