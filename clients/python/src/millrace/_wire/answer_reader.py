"""Reads an HTTP/1.1 answer from bytes as they come. Fed by the connections of both clients, which alone read from sockets."""
from __future__ import annotations

import re
from typing import Dict, Optional

from .patience import Broken

_MOST_HEAD = 64 * 1024
_MOST_LINE = 4096


class AnswerReader:
    """Feed it until there is a `status`, then take the body until it is `done`. Raises Broken for what is no HTTP, and when
    the connection ends too early."""

    def __init__(self, method: str) -> None:
        self.status: Optional[int] = None
        #: By lower-case name.
        self.headers: Dict[str, str] = {}
        self.done = False
        #: Whether the connection can be used again once this is done.
        self.reusable = False
        self._method = method
        self._buffer = bytearray()
        #: What comes next: head, bytes (`_left` of them), size, end (of a chunk), trailers, or rest.
        self._state = "head"
        self._left = 0

    def feed(self, data: bytes) -> None:
        """Takes what came; nothing means that the connection has ended."""
        if not data:
            self._end()
        self._buffer += data
        while self._state == "head" and self._read_head():
            pass

    def take(self) -> bytes:
        """The bytes of the body that are there. None are there when more must be fed, or when it is done."""
        taken = bytearray()
        while not self.done and self._step(taken):
            pass
        return bytes(taken)

    @property
    def quiet(self) -> bool:
        """Whether nothing came behind the answer."""
        return not self._buffer

    def _end(self) -> None:
        if self._state == "rest":
            self.done = True
        elif not self.done:
            raise Broken("the connection was closed" + ("" if self.status is None else " within an answer"))

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _MOST_HEAD:
                raise Broken("the head of the answer does not end")
            return False
        first, *lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        found = re.match(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: |$)", first)
        if not found:
            raise Broken("the answer is not HTTP/1.1")
        status = int(found.group(2))
        if status < 200 and status != 101:
            return True
        self.status = status
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise Broken("the head of the answer has a line that is no header")
            name, value = name.strip().lower(), value.strip()
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value
        self._frame(is_new=found.group(1) == "1")
        return False

    def _frame(self, is_new: bool) -> None:
        """Decides where the body ends."""
        connection = self.headers.get("connection", "").lower()
        self.reusable = "close" not in connection and (is_new or "keep-alive" in connection)
        length = self.headers.get("content-length")
        is_tunnel = self._method == "CONNECT" and 200 <= (self.status or 0) < 300
        if self._method == "HEAD" or self.status in (204, 304) or is_tunnel:
            self._state, self.done = "bytes", True
        elif "transfer-encoding" in self.headers:
            if self.headers["transfer-encoding"].lower() != "chunked":
                raise Broken("the answer is encoded in an unknown way")
            self._state = "size"
        elif length is not None:
            if not re.fullmatch(r"[0-9]{1,18}", length):
                raise Broken("the length of the answer is no number")
            self._state, self._left = "bytes", int(length)
            self.done = self._left == 0
        else:
            self._state, self.reusable = "rest", False

    def _step(self, taken: bytearray) -> bool:
        """One step through the body. False when it needs more bytes."""
        if self._state in ("bytes", "chunk"):
            part = self._buffer[: self._left]
            del self._buffer[: len(part)]
            taken += part
            self._left -= len(part)
            if self._left > 0:
                return False
            self._state, self.done = ("end", False) if self._state == "chunk" else ("bytes", True)
            return True
        if self._state == "rest":
            taken += self._buffer
            self._buffer.clear()
            return False
        line = self._line()
        return line is not None and self._read_line(line)

    def _read_line(self, line: str) -> bool:
        if self._state == "end":
            if line:
                raise Broken("a part of the answer is longer than it says")
            self._state = "size"
        elif self._state == "size":
            size = line.partition(";")[0].strip()
            if not re.fullmatch(r"[0-9A-Fa-f]{1,15}", size):
                raise Broken("a part of the answer has no size")
            self._left = int(size, 16)
            self._state = "chunk" if self._left > 0 else "trailers"
        else:
            self.done = line == ""
        return True

    def _line(self) -> Optional[str]:
        if self._state == "head":
            return None
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > _MOST_LINE:
                raise Broken("a line of the answer does not end")
            return None
        line = bytes(self._buffer[:end]).decode("latin-1")
        del self._buffer[: end + 2]
        return line
