"""Fixity: whether what is kept still is what it was when it came, by the hash of its bytes."""

from enum import StrEnum


class Finding(StrEnum):
    """What somebody who looked at an object found. Nothing is taken for whole before that."""

    WHOLE = "whole"
    DAMAGED = "damaged"  # the bytes are not those that bear the key
    MISSING = "missing"
