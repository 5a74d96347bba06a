"""The equipment itself does what it says: a test that breaks nothing shows nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.live.wire import Wire, wire_to

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SOON = 0.05


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1000):
        writer.write(data)
    writer.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """A wire to one who says everything again."""
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    async with server, wire_to("127.0.0.1", server.sockets[0].getsockname()[1]) as made:
        yield made


@pytest.fixture
async def ends(wire: Wire) -> AsyncIterator[Ends]:
    """A connection through the wire that has carried something."""
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    assert await said(reader, writer) == b"hello"
    yield reader, writer
    writer.transport.abort()


async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"hello")
    return await reader.readexactly(5)


async def test_a_wire_that_is_cut_resets_and_refuses_until_it_is_mended(wire: Wire, ends: Ends) -> None:
    await wire.cut()
    with pytest.raises(ConnectionResetError):
        await ends[0].read()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", wire.port)
    await wire.mend()
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    assert await said(reader, writer) == b"hello"
    assert (wire.resets, wire.connections) == (1, 1)


async def test_a_wire_is_cut_in_the_middle_of_what_it_carries(wire: Wire, ends: Ends) -> None:
    wire.cut_after(7)
    assert await said(*ends) == b"hello"
    ends[1].write(b"hello")
    assert await ends[0].readexactly(2) == b"he"
    with pytest.raises(ConnectionResetError):
        await ends[0].read()


async def test_of_a_wire_that_swallows_nobody_is_told(wire: Wire, ends: Ends) -> None:
    wire.swallow()
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    for end in (ends, (reader, writer)):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(said(*end), SOON)
    writer.transport.abort()
    assert wire.resets == 0
    assert not ends[0].at_eof()
