"""The entry of the web server: reads the environment, opens the stores, makes the application."""

import gc
import os

from flask import Flask

from search.whoosh_index import WhooshIndex
from storage.archive.texts import books_of, texts_of
from storage.ground import traces
from storage.ground.database import Database
from storage.ground.privacy import make_private
from storage.ground.settings import read_settings
from storage.ground.stores import objects_of
from webapp.app import create_app
from webapp.ground.system import System
from webapp.meetings.live.parts import warm


def make() -> Flask:
    """The application of this environment; raises SettingsRefused."""
    make_private()
    settings = read_settings(os.environ)
    database = Database(settings.database_url)
    traces.erase(database)  # should it have been killed between a close and this
    index = WhooshIndex(settings.index_dir, texts_of(database), books_of(database))
    app = create_app(System(settings, database, objects_of(settings), index))
    warm(app)
    gc.collect()
    gc.freeze()  # what is there by now stays: looking through it again and again would stop the room for a quarter of a second
    return app
