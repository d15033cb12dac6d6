"""Bytes to and from a server by blocking sockets, and what else the plain client waits for. Written by hand, like its twin:
the connections of both are the same."""
from __future__ import annotations

import os
import socket
import ssl
import time
from typing import Any, Callable, Optional, TypeVar

from .._wire.address import Route
from .._wire.answer_reader import AnswerReader
from .._wire.is_quiet import is_quiet
from .._wire.patience import Broken, Patience, broken_by

T = TypeVar("T")

_PIECE = 256 * 1024


def pause(seconds: float) -> None:
    time.sleep(seconds)


def in_thread(call: Callable[..., T], *arguments: Any) -> T:
    """What reads or writes files: here it needs no thread."""
    return call(*arguments)


class Pipe:
    """One connection. All of its errors are Broken."""

    def __init__(self, sock: socket.socket, route: Route) -> None:
        self.route = route
        self._socket = sock
        self._process = os.getpid()

    @classmethod
    def dial(cls, route: Route, tls: Optional[ssl.SSLContext], patience: Patience) -> Pipe:
        try:
            sock = socket.create_connection((route.host, route.port), patience.step())
        except OSError as error:
            raise _broken(error, patience) from error
        pipe = cls(sock, route)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pipe._tunnel(patience)
            if route.tls_host is not None and tls is not None:
                sock.settimeout(patience.step())
                pipe._socket = tls.wrap_socket(sock, server_hostname=route.tls_host)
        except BaseException as error:
            pipe.close()
            if isinstance(error, OSError):
                raise _broken(error, patience) from error
            raise
        return pipe

    def send(self, data: bytes, patience: Patience) -> None:
        try:
            self._socket.settimeout(patience.step())
            self._socket.sendall(data)
        except OSError as error:
            raise _broken(error, patience) from error

    def receive(self, patience: Patience) -> bytes:
        """What came; nothing when the server has closed."""
        try:
            self._socket.settimeout(patience.step())
            return self._socket.recv(_PIECE)
        except OSError as error:
            raise _broken(error, patience) from error

    def is_usable(self) -> bool:
        """Whether it can take another request: it was not made by the process that this one was forked from, and nothing
        came since the last answer, not even its end."""
        return self._process == os.getpid() and is_quiet(self._socket)

    def close(self) -> None:
        self._socket.close()

    def _tunnel(self, patience: Patience) -> None:
        """Asks a proxy to pass everything on."""
        if self.route.tunnel is None:
            return
        self.send(self.route.tunnel, patience)
        answer = AnswerReader("CONNECT")
        while answer.status is None:
            answer.feed(self.receive(patience))
        if answer.status != 200:
            raise Broken(f"the proxy answered {answer.status}")


def _broken(error: OSError, patience: Patience) -> Broken:
    return patience.over() if isinstance(error, socket.timeout) else broken_by(error)
