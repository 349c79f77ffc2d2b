"""What the walls add to a call in the sandbox: a fork that ends at once, bare and behind every wall, by turns in one run."""

import os
import time
from statistics import median

from storage.ground.walls import Files, limit_growth, raise_walls

TIMES = 100


def forked(*, walled: bool) -> float:
    """Milliseconds from the fork to the end of the child."""
    begun = time.perf_counter()
    child = os.fork()
    if not child:
        if walled:
            limit_growth(1 << 30, 10)
            raise_walls(Files(["/etc/hostname"], ["/tmp"]))  # noqa: S108 - only named
        os._exit(0)
    os.waitpid(child, 0)
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    pairs = [(forked(walled=False), forked(walled=True)) for _ in range(TIMES)]
    bare, walled = (median(column) for column in zip(*pairs, strict=True))
    print(f"bare {bare:.2f} ms, behind walls {walled:.2f} ms: {walled - bare:.2f} ms a call, {walled / bare:.1f} times")


if __name__ == "__main__":
    main()
