"""Exchanges with servers: one request, one answer, over connections that are used again. Called by the sender."""
from __future__ import annotations

import ssl
import time
from typing import Dict, Iterator, List, Mapping, Optional, Tuple
from urllib.parse import SplitResult

from .._wire.address import Origin, origin_of, route_to
from .._wire.answer_reader import AnswerReader
from .._wire.patience import Broken, Patience
from .._wire.request import Request
from .pipe import Pipe, in_thread

# Connections that wait for the next request of one server.
_MOST_IDLE = 16
# A server that does not say how long it keeps a connection keeps it for 5 s at least, as a rule.
_KEPT = 4.0


class AsyncAnswer:
    """An answer whose body is read as it comes. Raises Broken when the connection breaks before its end."""

    def __init__(self, connections: AsyncConnections, pipe: Pipe, reader: AnswerReader, patience: Patience) -> None:
        self.status = reader.status or 0
        self.headers: Mapping[str, str] = reader.headers
        self.patience = patience
        self._connections = connections
        self._pipe = pipe
        self._reader = reader
        self._is_left = False

    async def some(self) -> bytes:
        """What has come of the body, at least one byte; nothing at its end."""
        try:
            while True:
                data = self._reader.take()
                if data:
                    return data
                if self._reader.done:
                    self.leave()
                    return b""
                self._reader.feed(await self._pipe.receive(self.patience))
        except BaseException:
            self.leave()
            raise

    async def read(self) -> bytes:
        """The whole body."""
        pieces: List[bytes] = []
        while True:
            piece = await self.some()
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)

    def leave(self) -> None:
        """Gives the connection back, or ends it if there is more to come. May be called more than once."""
        if self._is_left:
            return
        self._is_left = True
        if self._reader.done and self._reader.quiet:
            self._connections.give_back(self._pipe, self._reader)
        else:
            self._pipe.close()


class AsyncConnections:
    """Makes connections and keeps those that can be used again. Any number of calls may use it at once."""

    def __init__(self, tls: Optional[ssl.SSLContext]) -> None:
        self._tls = tls
        self._idle: Dict[Origin, List[Tuple[Pipe, float]]] = {}

    async def exchange(
        self, to: SplitResult, request: Request, headers: Dict[str, str], patience: Patience
    ) -> AsyncAnswer:
        """Sends a request and reads the head of its answer. Raises Broken when none comes."""
        origin = origin_of(to)
        target = (to.path or "/") + (f"?{to.query}" if to.query else "")
        # Before anything is connected: what is wrong with the request is a fault of the caller.
        request.head(target, origin.netloc, headers)
        pipe = await self._pipe_to(origin, request, patience)
        reader = AnswerReader(request.method)
        try:
            if pipe.route.is_absolute:
                target = f"{origin.scheme}://{origin.netloc}{target}"
            head = request.head(target, origin.netloc, {**headers, **pipe.route.headers})
            early = await self._write(pipe, head, request, patience)
            while reader.status is None:
                try:
                    reader.feed(await pipe.receive(patience))
                except Broken as broken:
                    raise early or broken from None
        except BaseException:
            pipe.close()
            raise
        reader.reusable = reader.reusable and early is None
        return AsyncAnswer(self, pipe, reader, patience)

    async def _write(self, pipe: Pipe, head: bytes, request: Request, patience: Patience) -> Optional[Broken]:
        """Returns the error when the server does not read on: it may have answered all the same."""
        body = request.body
        pieces: Iterator[bytes] = iter(()) if body is None else body.pieces()
        is_known = body is None or body.length is not None
        held = head
        while True:
            piece = await in_thread(next, pieces, None) if not is_known else next(pieces, None)
            if piece is not None:
                held += piece if is_known else b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
            elif not is_known:
                held += b"0\r\n\r\n"
            try:
                await pipe.send(held, patience)
            except Broken as broken:
                return broken
            if piece is None:
                return None
            held = b""

    async def _pipe_to(self, origin: Origin, request: Request, patience: Patience) -> Pipe:
        # A kept connection may end just now. What cannot be sent again gets a new one.
        if request.retries != 0 and (request.body is None or request.body.replayable):
            kept = self._idle.get(origin, [])
            while kept:
                try:
                    pipe, until = kept.pop()
                except IndexError:  # Another thread was faster.
                    break
                if until > time.monotonic() and pipe.is_usable():
                    return pipe
                pipe.close()
        return await Pipe.dial(route_to(origin), self._tls, patience)

    def give_back(self, pipe: Pipe, reader: AnswerReader) -> None:
        """Keeps the connection of an answer that is done, if it can be used again."""
        kept = self._idle.setdefault(pipe.route.origin, [])
        if reader.reusable and len(kept) < _MOST_IDLE:
            kept.append((pipe, time.monotonic() + _kept_for(reader.headers.get("keep-alive", ""))))
        else:
            pipe.close()

    def close(self) -> None:
        """Ends the connections that wait. It goes on with new ones if it is used again."""
        for kept in list(self._idle.values()):
            while kept:
                kept.pop()[0].close()


def _kept_for(text: str) -> float:
    """Seconds, one less than the server says."""
    _, _, seconds = text.partition("timeout=")
    digits = seconds.partition(",")[0].strip()
    return float(digits) - 1 if digits.isdigit() and len(digits) < 6 else _KEPT
