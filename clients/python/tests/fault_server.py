"""A real HTTP server that plays a faulty Millrace in tests: each request is handed to the next step of a script. Called by the
tests beside it."""
from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, NamedTuple, Optional


class Seen(NamedTuple):
    method: str
    path: str
    headers: Dict[str, str]
    body: bytes
    connection: int


Step = Callable[["Handler"], None]


class FaultServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: List[Seen] = []
        self.steps: List[Step] = []
        #: Played once, in place of a step, when the head of a request is there and its body is still to be read.
        self.early: Optional[Step] = None
        #: Set by a step that has ended its connection.
        self.closed = False
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def play(self, *steps: Step) -> None:
        """Adds steps for the next requests, in order."""
        self.steps.extend(steps)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Connections break here all the time."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A head and its body go out at once, so that the client need not wait for a delayed acknowledgement.
    wbufsize = -1
    server: FaultServer

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        early, self.server.early = self.server.early, None
        if early is not None:
            return early(self)
        body = self._chunks() if "transfer-encoding" in headers else self.rfile.read(int(headers.get("content-length", 0)))
        self.server.seen.append(Seen(self.command, self.path, headers, body, self.client_address[1]))
        step = self.server.steps.pop(0) if self.server.steps else refuse(500, "internal")
        step(self)
        self.wfile.flush()

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int(self.rfile.readline(), 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def head(self, status: int, headers: Dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def cut(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        pass


def answer(status: int, body: Any = None, headers: Optional[Dict[str, str]] = None, raw: Optional[bytes] = None) -> Step:
    """Answers with JSON, or with bytes."""

    def step(handler: Handler) -> None:
        data = json.dumps(body).encode() if raw is None else raw
        told = {"content-type": "application/json", **(headers or {})}
        if status in (204, 304):
            handler.head(status, told)
            return
        handler.head(status, {"content-length": str(len(data)), **told})
        handler.wfile.write(data)

    return step


def refuse(status: int, code: str, headers: Optional[Dict[str, str]] = None, **more: Any) -> Step:
    """Answers with a problem."""
    problem = {"type": f"/problems/{code}", "code": code, "title": "No", "status": status, "detail": "Not now.", "request_id": "r1"}
    return answer(status, {**problem, **more}, headers)


def drop(handler: Handler) -> None:
    """Cuts the connection after the whole request was read: it may have been carried out."""
    handler.cut()


def drop_in_body(handler: Handler) -> None:
    """Answers the first half of a body and cuts the connection."""
    handler.head(200, {"content-type": "application/json", "content-length": "100"})
    handler.wfile.write(b'{"id":')
    handler.cut()


def stay_short(handler: Handler) -> None:
    """Announces more bytes than it sends, and keeps the connection open until the client has gone."""
    handler.head(200, {"content-type": "application/json", "content-length": "100"})
    handler.wfile.write(b'{"id":')
    handler.wfile.flush()
    handler.rfile.read(1)
    handler.close_connection = True


def stay_silent(handler: Handler) -> None:
    """Never answers."""
    handler.rfile.read(1)
    handler.close_connection = True


def refuse_and_leave(handler: Handler) -> None:
    """Refuses while the body is still coming, and leaves: what comes then meets a closed door."""
    handler.rfile.read(1000)
    refuse(413, "body_too_large")(handler)
    handler.wfile.flush()
    handler.close_connection = True


def stream(text: str, breaks: bool = False) -> Step:
    """Sends events in pieces of three bytes, so that frames and characters are torn, and then ends, or breaks."""

    def step(handler: Handler) -> None:
        handler.head(200, {"content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"})
        data = f"retry: 1000\n\n{text}".encode()
        for at in range(0, len(data), 3):
            piece = data[at : at + 3]
            handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if breaks:
            handler.cut()
        else:
            handler.wfile.write(b"0\r\n\r\n")

    return step
