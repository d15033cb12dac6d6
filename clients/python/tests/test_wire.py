"""What comes over the wire, torn anywhere: answers and events are read the same. What is none is told."""
from __future__ import annotations

import unittest
from typing import Any, Dict, List, Tuple
from unittest import mock

from millrace._wire import retry_delay as delays
from millrace._wire.address import Origin, route_to
from millrace._wire.answer_reader import AnswerReader
from millrace._wire.event_reader import EventReader
from millrace._wire.patience import Broken
from millrace._wire.retry_delay import retry_delay


def read(data: bytes, size: int, method: str = "GET") -> Tuple[Any, bytes, bool]:
    """Status, body and whether the connection can be used again, of an answer that comes in pieces of this size."""
    reader = AnswerReader(method)
    body = b""
    for at in range(0, len(data), size):
        reader.feed(data[at : at + size])
        body += reader.take()
    if not reader.done:
        reader.feed(b"")
        body += reader.take()
    return reader.status, body, reader.reusable


class Answers(unittest.TestCase):
    def check(self, data: bytes, expected: Tuple[Any, bytes, bool], method: str = "GET") -> None:
        for size in range(1, len(data) + 1):
            self.assertEqual(read(data, size, method), expected, (data, size))

    def test_they_are_read_however_they_are_torn(self) -> None:
        sized = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: a\r\nx: b\r\n\r\nhello"
        self.check(sized, (200, b"hello", True))
        self.check(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + sized, (200, b"hello", True))
        chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nT: x\r\n\r\n"
        self.check(chunks, (200, b"hello", True))
        self.check(b"HTTP/1.1 200 \r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", (200, b"", False))
        self.check(b"HTTP/1.0 200 OK\r\n\r\nhello", (200, b"hello", False))
        self.check(b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"", True))
        self.check(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", (200, b"", True), "HEAD")
        reader = AnswerReader("GET")
        reader.feed(sized)
        self.assertEqual(reader.headers["x"], "a, b")

    def test_what_is_cut_off_or_no_http_is_told(self) -> None:
        for data in (
            b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", b"HTTP/1.1 200 OK\r\nConten",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"HTTP/2 200\r\n\r\n", b"x" * 100_000,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 10_000,
        ):
            with self.assertRaises(Broken, msg=data):
                read(data, 1000)


class Events(unittest.TestCase):
    def test_they_are_read_however_they_are_torn(self) -> None:
        text = (
            '\ufeff: hello\r\n\r\nid: 1\nevent: log\ndata: {"type": "log",\ndata:  "message": "é\U0001f600"}\n\n'
            'retry: 5\n\nevent: queue\r\ndata:{"type": "queue"}\r\n\r\n'
            'event: job\r\ndata: {"id": "job_2"}\r\n\r\nid: 9-done\revent: done\rdata: {"id": "job_1", "finished_at": "t"}\r\r'
        )[1:]
        expected: List[Dict[str, Any]] = [
            {"type": "log", "message": "é\U0001f600"},
            {"type": "queue"},
            {"type": "job", "at": mock.ANY, "job": {"id": "job_2"}},
            {"type": "done", "at": "t", "job": {"id": "job_1", "finished_at": "t"}, "id": "9-done"},
        ]
        data = text.encode()
        for size in range(1, len(data) + 1):
            reader = EventReader()
            found = [event for at in range(0, len(data), size) for event in reader.feed(data[at : at + size])]
            found += reader.feed(b"\n")
            self.assertEqual(found, expected, size)

    def test_what_is_no_json_is_told(self) -> None:
        with self.assertRaises(Broken):
            EventReader().feed(b"data: {\n\n")


class Delays(unittest.TestCase):
    def test_they_double_with_a_random_part_unless_the_server_asks_for_another(self) -> None:
        for attempt, most in ((0, 0.25), (1, 0.5), (4, 4.0), (5, 8.0), (90, 8.0)):
            for _ in range(20):
                self.assertTrue(most / 2 <= retry_delay(attempt, None) <= most)
        with mock.patch.object(delays.random, "random", lambda: 0.0), mock.patch.object(delays.time, "time", lambda: 1000.0):
            asked = [retry_delay(0, text) for text in ("3", "100", "Thu, 01 Jan 1970 00:17:00 GMT", "x", "-1", "")]
        self.assertEqual(asked, [3.0, 30.0, 20.0, 0.125, 0.125, 0.125])


class Proxies(unittest.TestCase):
    def route(self, origin: Origin, **env: str) -> Any:
        with mock.patch.dict("os.environ", env, clear=True):
            return route_to(origin)

    def test_they_are_those_of_the_environment(self) -> None:
        plain, secure = Origin("http", "mill.example", 80), Origin("https", "mill.example", 443)
        self.assertEqual(self.route(plain).host, "mill.example")
        through = self.route(plain, http_proxy="http://a%40b:c@proxy.example:3128")
        self.assertEqual([through.host, through.port, through.is_absolute], ["proxy.example", 3128, True])
        self.assertEqual(through.headers, {"proxy-authorization": "Basic YUBiOmM="})
        tunnel = self.route(secure, https_proxy="proxy.example:3128").tunnel
        self.assertEqual(tunnel, b"CONNECT mill.example:443 HTTP/1.1\r\nhost: mill.example:443\r\n\r\n")
        past = self.route(secure, https_proxy="http://proxy.example", no_proxy="mill.example")
        self.assertEqual([past.host, past.tunnel], ["mill.example", None])
        with self.assertRaises(ValueError):
            self.route(plain, http_proxy="socks5://proxy.example")
        self.assertEqual(Origin("http", "::1", 7070).netloc, "[::1]:7070")
