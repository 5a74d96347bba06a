"""A recorder for connectors to drive: it does what it is told, also twice, and now and then it misbehaves."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

Device = tuple[str, int, str]

# How a call goes. The rest of them are good.
FATES = {"refused": 0.08, "slow": 0.08, "unheard": 0.08}
SLOW_SECONDS = 0.2


class Recorder:
    """Its devices by its own ids, as (MAC address, channel, name); `reached` hears how far each call has come."""

    def __init__(self, seed: int, reached: Callable[[str], None]) -> None:
        self.devices: dict[str, Device] = {}
        self.fates = dict.fromkeys((*FATES, "good"), 0)
        self.well = False
        self._random = random.Random(seed)  # noqa: S311 - a fixed seed is the point
        self._reached = reached
        self._numbers = count(1)
        self._turn = asyncio.Lock()
        self._better = asyncio.Event()
        self._ends: set[asyncio.StreamWriter] = set()
        self._port = 0

    @property
    def port(self) -> int:
        return self._port

    def restart_empty(self) -> None:
        """Lose all devices, and everybody who is connected."""
        self.devices.clear()
        for end in self._ends:
            end.transport.abort()

    def recover(self) -> None:
        """Do as told from now on."""
        self.well = True
        self._better.set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            self.restart_empty()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            while line := await reader.readline():
                if not await self._answer(json.loads(line), writer):
                    break
        except ConnectionError:
            pass  # the connector was killed, or this was restarted
        finally:
            self._ends.discard(writer)
            writer.transport.abort()

    async def _answer(self, call: Mapping[str, Any], writer: asyncio.StreamWriter) -> bool:
        """Carry out one call after the other, whether or not anybody still waits for the answer."""
        async with self._turn:
            self._reached("asked")
            fate = self._fate(call)
            if fate == "slow":
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._better.wait(), SLOW_SECONDS)
            answer = {"error": "No disk."} if fate == "refused" else {"result": self._do(**call)}
            self._reached("done")
        if fate == "unheard":
            return False
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        self._reached("answered")
        return True

    def _fate(self, call: Mapping[str, Any]) -> str:
        chances = {} if self.well or call["method"] == "find" else FATES
        kinds, weights = (*chances, "good"), (*chances.values(), 1 - sum(chances.values()))
        fate = self._random.choices(kinds, weights)[0]
        self.fates[fate] += 1
        return fate

    def _do(self, method: str, **given: Any) -> Any:  # noqa: ANN401 - as it is told
        if method == "find":
            place = (given["mac"], given["channel"])
            return next((_shown(*one) for one in self.devices.items() if one[1][:2] == place), None)
        if method == "remove":
            return self.devices.pop(given["id"], None)
        own_id = given.get("id") or f"{next(self._numbers)}"
        self.devices[own_id] = (given["mac"], given["channel"], given["name"])
        return _shown(own_id, self.devices[own_id])


def _shown(own_id: str, device: Device) -> dict[str, Any]:
    return {"id": own_id, "mac": device[0], "channel": device[1], "name": device[2]}
