"""Whoosh keeps its table of contents and its postings as pickles. Here they are read without running what they name.

An index lies in a folder that the worker writes and the web program reads; whoever else can write there must not have code run in the
program that holds sign-ins and keys. So a pickle may name the classes of a sound index, listed below, and nothing else. That holds
for Whoosh's own readers too once this module is imported; tables of contents before Whoosh 2 have an unpickler of their own and
are refused.
"""

import pickle
from io import BytesIO
from types import SimpleNamespace
from typing import IO, Any

import whoosh.codec.whoosh3
import whoosh.filedb.structfile
import whoosh.index
import whoosh.legacy

_KNOWN = {
    *((module, name) for module in ("builtins", "__builtin__") for name in ("bytes", "frozenset", "int", "set")),
    ("collections", "defaultdict"),
    ("search.whoosh_schema", "PairsField"),
    ("search.whoosh_schema", "TermsField"),
    ("whoosh.codec.whoosh3", "W3Codec"),
    ("whoosh.codec.whoosh3", "W3Segment"),
    ("whoosh.columns", "NumericColumn"),
    ("whoosh.columns", "RefBytesColumn"),
    ("whoosh.fields", "COLUMN"),
    ("whoosh.fields", "Schema"),
    ("whoosh.formats", "Existence"),
}


class _Known(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def load(file: IO[bytes]) -> Any:
    """The value of the pickle that stands next in the file; raises UnpicklingError for one that names anything else."""
    return _Known(file).load()


def loads(data: bytes) -> Any:
    """The value of this pickle; see `load`."""
    return load(BytesIO(data))


whoosh.filedb.structfile.load_pickle = load
whoosh.codec.whoosh3.loads = loads
whoosh.index.pickle = SimpleNamespace(loads=loads, dumps=pickle.dumps, PicklingError=pickle.PicklingError)
whoosh.legacy.toc_loaders.clear()
