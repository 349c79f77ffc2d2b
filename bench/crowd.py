"""The crowd of bench/meeting.py: real WebSocket connections in a process of their own, which speak Engine.IO and Socket.IO by hand.

Reads one command a line from its input and answers each with one line of JSON. What arrives is only noted with its time, and looked
at afterwards, so that the crowd costs the machine as little as it can.
"""

import asyncio
import json
import random
import re
import sys
import time
from typing import Any

import aiohttp
import uvloop

AT_ONCE = 40  # connections that are being made at the same time
NOTED = 120  # letters of a message that are kept: they hold its name, and its revision or time
NUMBERS = re.compile(r'"(\w+)":(-?\d+(?:\.\d+)?)')


class Client:
    """One socket, which comes back by itself after a random while, as the page does."""

    def __init__(self, crowd: "Crowd", number: int, cookie: str, follows: list[str]) -> None:
        self.crowd, self.number, self.follows = crowd, number, follows
        self.headers = {"Cookie": cookie} if cookie else {}
        self.is_in = asyncio.Event()
        self.fetches = False

    async def live(self) -> None:
        while True:
            try:
                async with self.crowd.gate:
                    socket = await self.crowd.web.ws_connect(
                        self.crowd.url + "/socket.io/?EIO=4&transport=websocket", headers=self.headers, max_msg_size=0
                    )
                    await self._greet(socket)
                await self._listen(socket)
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                self.crowd.problems.append(type(error).__name__)
            self.is_in.clear()
            await asyncio.sleep(random.uniform(0.2, self.crowd.jitter_s))

    async def _greet(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async with asyncio.timeout(30):
            await socket.receive_str()
            await socket.send_str("40")
            await socket.receive_str()
            for room in self.follows:
                await socket.send_str(f"420{json.dumps(['follow', room])}")
                while not (text := await socket.receive_str()).startswith("430"):
                    pass
                if text == "430[false]":
                    raise OSError("not let in")
        if self.fetches:
            await self.fetch()
        self.is_in.set()

    async def fetch(self) -> None:
        """What the page does when it comes back: fetch all parts."""
        async with self.crowd.web.get(self.crowd.url + self.crowd.parts, headers=self.headers) as answer:
            self.crowd.fetched.append((self.number, time.time(), answer.status))
            await answer.read()

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            at, text = time.time(), message.data
            if text == "2":
                await socket.send_str("3")
            elif text.startswith('42["changed"'):
                self.crowd.heard.append((at, len(text), text[:NOTED], self.number))

    async def ballot(self, address: str, form: dict[str, str], after_s: float) -> tuple[int, float, str]:
        """Cast a ballot after a while; the status, the seconds it took, and what the server said."""
        await asyncio.sleep(after_s)
        begun = time.perf_counter()
        headers = {**self.headers, "X-Live": "1", "Accept": "application/json"}
        for _try in range(3):  # a kept connection may have been closed meanwhile; the same ballot is then sent again
            try:
                async with self.crowd.web.post(self.crowd.url + address, data=form, headers=headers) as answer:
                    said = await answer.text()
                    return answer.status, time.perf_counter() - begun, said[:300]
            except aiohttp.ClientConnectionError:
                continue
        return 0, time.perf_counter() - begun, "no connection"


class Crowd:
    """All clients, and what they have heard."""

    def __init__(self, url: str, cookies: list[str], follows: list[list[str]], parts: str = "", jitter_s: float = 3.0) -> None:
        self.url, self.parts, self.jitter_s = url, parts, jitter_s
        self.gate = asyncio.Semaphore(AT_ONCE)
        self.web = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60))
        self.clients = [
            Client(self, number, cookie, follows[number] if follows else []) for number, cookie in enumerate(cookies)
        ]
        self.heard: list[tuple[float, int, str, int]] = []
        self.fetched: list[tuple[int, float, int]] = []
        self.problems: list[str] = []
        self.lives: list[asyncio.Task[None]] = []

    async def connect(self) -> dict[str, Any]:
        begun = time.time()
        self.lives = [asyncio.create_task(client.live()) for client in self.clients]
        await asyncio.wait_for(asyncio.gather(*(client.is_in.wait() for client in self.clients)), 180)
        return {"seconds": time.time() - begun, "problems": self.problems}

    async def hush(self) -> dict[str, Any]:
        """What has been heard since the last time: for each message its arrival, its length and its numbers."""
        heard, self.heard = self.heard, []
        return {
            "heard": [
                [at, size, {name: float(number) for name, number in NUMBERS.findall(text)}, client]
                for at, size, text, client in heard
            ]
        }

    async def vote(self, ballots: list[dict[str, Any]], within_s: float) -> dict[str, Any]:
        casts = [
            self.clients[one["client"]].ballot(one["address"], one["form"], random.uniform(0, within_s)) for one in ballots
        ]
        return {"answers": await asyncio.gather(*casts)}

    async def expect_restart(self) -> dict[str, Any]:
        for client in self.clients:
            client.is_in.clear()
            client.fetches = True
        self.problems.clear()
        self.fetched.clear()
        return {}

    async def all_back(self) -> dict[str, Any]:
        await asyncio.wait_for(asyncio.gather(*(client.is_in.wait() for client in self.clients)), 180)
        failed = [status for _, _, status in self.fetched if status != 200]
        return {"at": [at for _, at, _ in self.fetched], "clients": len({n for n, _, _ in self.fetched}), "failed": failed}

    async def leave(self) -> dict[str, Any]:
        for life in self.lives:
            life.cancel()
        await self.web.close()
        return {}


async def main() -> None:
    """Obey until the input ends."""
    loop = asyncio.get_running_loop()
    crowd: Crowd | None = None
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        name = order.pop("do")
        if name == "gather":
            crowd, answer = Crowd(**order), {}
        else:
            answer = await getattr(crowd, name)(**order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
