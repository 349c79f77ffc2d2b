"""Sandboxes that stay open from one call to the next, as those of the worker do: each call has a process of its own, forked by a guard
that is not started anew with its parsers. What makes a sandbox safe is tested on fresh ones (tests/storage/ground/test_sandbox.py)."""

from threading import Lock
from types import TracebackType

from storage.ground.sandbox import MEMORY_BYTES, Sandbox


class KeptSandbox(Sandbox):
    """A sandbox that does not end with its block."""

    def __init__(self, memory_bytes: int, used: Lock) -> None:
        super().__init__(memory_bytes=memory_bytes)
        self._used = used

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._used.release()


class Sandboxes:
    """One for each limit of memory; whoever comes while it is used gets a fresh one. Called as `Sandbox` is."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[KeptSandbox, Lock]] = {}
        self._guard = Lock()

    def __call__(self, *, memory_bytes: int = MEMORY_BYTES) -> Sandbox:
        with self._guard:
            if memory_bytes not in self._kept:
                used = Lock()
                self._kept[memory_bytes] = KeptSandbox(memory_bytes, used), used
            kept, used = self._kept[memory_bytes]
        return kept if used.acquire(blocking=False) else Sandbox(memory_bytes=memory_bytes)

    def close(self) -> None:
        """End them all."""
        for kept, _ in self._kept.values():
            kept.close()
