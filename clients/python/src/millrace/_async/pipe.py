"""Bytes to and from a server by asyncio's own streams, and what else the client for asyncio waits for. Written by hand, like
its twin: the connections of both are the same."""
from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any, Awaitable, Callable, Optional, TypeVar

from .._wire.address import Route
from .._wire.answer_reader import AnswerReader
from .._wire.is_quiet import is_quiet
from .._wire.patience import Broken, Patience, broken_by

T = TypeVar("T")

_PIECE = 256 * 1024


async def pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """What reads or writes files: the loop goes on meanwhile."""
    return await asyncio.to_thread(call, *arguments)


class Pipe:
    """One connection. All of its errors are Broken; when a call is canceled, it is of no more use."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter, route: Route) -> None:
        self.route = route
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def dial(cls, route: Route, tls: Optional[ssl.SSLContext], patience: Patience) -> Pipe:
        sock = await _in_time(lambda: _connect(route), patience)
        try:
            context = None if route.tls_host is None else tls
            name = None if context is None else route.tls_host
            loop = asyncio.get_running_loop()
            reader = _Reader(limit=_PIECE, loop=loop)
            protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
            transport, _ = await _in_time(
                lambda: loop.create_connection(lambda: protocol, sock=sock, ssl=context, server_hostname=name), patience
            )
        except BaseException:
            sock.close()
            raise
        return cls(reader, asyncio.StreamWriter(transport, protocol, reader, loop), route)

    async def send(self, data: bytes, patience: Patience) -> None:
        try:
            self._writer.write(data)
        except (OSError, RuntimeError) as error:
            raise broken_by(error) from error
        await _in_time(self._writer.drain, patience)

    async def receive(self, patience: Patience) -> bytes:
        """What came; nothing when the server has closed."""
        data = await _in_time(lambda: self._reader.read(_PIECE), patience)
        if not data and self._reader.fault is not None:
            raise broken_by(self._reader.fault) from self._reader.fault
        return data

    def is_usable(self) -> bool:
        """Whether it can take another request: it belongs to the loop that runs, and the server has not closed it."""
        if self._loop is not asyncio.get_running_loop() or self._reader.at_eof() or self._writer.is_closing():
            return False
        # The loop may not have had its turn since the end came.
        return is_quiet(self._writer.get_extra_info("socket"))

    def close(self) -> None:
        if not self._loop.is_closed():
            self._writer.transport.abort()


class _Reader(asyncio.StreamReader):
    """Gives what had come before the connection broke: it may be the answer that tells why."""

    fault: Optional[Exception] = None

    def set_exception(self, exc: Exception) -> None:
        self.fault = exc
        self.feed_eof()


async def _connect(route: Route) -> socket.socket:
    loop = asyncio.get_running_loop()
    fault: Exception = OSError(f"{route.host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(route.host, route.port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
            await _tunnel(loop, sock, route.tunnel)
            return sock
        except OSError as error:
            sock.close()
            fault = error
        except BaseException:
            sock.close()
            raise
    raise fault


async def _tunnel(loop: asyncio.AbstractEventLoop, sock: socket.socket, request: Optional[bytes]) -> None:
    """Asks a proxy to pass everything on."""
    if request is None:
        return
    await loop.sock_sendall(sock, request)
    answer = AnswerReader("CONNECT")
    while answer.status is None:
        answer.feed(await loop.sock_recv(sock, 4096))
    if answer.status != 200:
        raise Broken(f"the proxy answered {answer.status}")


async def _in_time(step: Callable[[], Awaitable[T]], patience: Patience) -> T:
    limit = patience.step()
    try:
        return await asyncio.wait_for(step(), limit)
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise patience.over() from error
    except (OSError, ssl.SSLError, EOFError) as error:
        raise broken_by(error) from error
