"""Files: those of an input, uploads, and downloads that break."""
from __future__ import annotations

import email.parser
import email.policy
import hashlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Dict, Tuple

import millrace
from both_clients import FaultCase, for_both
from fault_server import FaultServer, Seen, answer, drop, drop_in_body, refuse_and_leave, stay_short

JOB = {"id": "job_1", "status": "queued", "output": None, "error": None}


def parts_of(seen: Seen) -> Dict[str, Tuple[Any, bytes]]:
    """The parts of a multipart body, by name: file name and bytes."""
    head = f"content-type: {seen.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + seen.body)
    parts = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        parts[str(name)] = (part.get_filename(), part.get_payload(decode=True) or b"")
    return parts


def facts(data: bytes, **more: Any) -> Dict[str, Any]:
    return {"object": "file", "id": "file_1", "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **more}


class Files(FaultCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name, 'scan "1".png')
        self.path.write_bytes(b"from the disk")

    def test_they_are_sent_as_parts_at_their_places_and_again_when_need_be(self) -> None:
        self.server.play(drop, answer(202, JOB))
        with open(self.path, "rb") as opened:
            opened.seek(5)
            pages = [b"some bytes", millrace.Upload(memoryview(b"named"), name="x.bin", content_type="text/plain")]
            data = {"image": self.path, "pages": pages, "deep": {"a/b": opened}, "lang": "eng", "old": facts(b"")}
            self.connect().submit("ocr", data, priority="high", metadata={"a": "1"}, max_attempts=2)
        self.assertEqual(len(self.server.seen), 2)
        for seen in self.server.seen:
            parts = parts_of(seen)
            sent = {"image": None, "pages": [None, None], "deep": {"a/b": None}, "lang": "eng", "old": "file_1"}
            self.assertEqual(json.loads(parts.pop("input")[1]), sent)
            texts = [parts.pop(name)[1] for name in ("priority", "metadata", "max_attempts")]
            self.assertEqual(texts, [b"high", b'{"a":"1"}', b"2"])
            files = {
                "/image": ("scan %221%22.png", b"from the disk"),
                "/pages/0": ("file", b"some bytes"),
                "/pages/1": ("x.bin", b"named"),
                "/deep/a~1b": ("scan %221%22.png", b"the disk"),
            }
            self.assertEqual(parts, files)
        self.assertEqual(data["image"], self.path)

    def test_a_large_file_is_sent_in_pieces(self) -> None:
        data = os.urandom(3_000_000)
        self.path.write_bytes(data)
        self.server.play(answer(201, facts(data)))
        self.assertEqual(self.connect().files.upload(self.path, name="a.bin")["size"], len(data))
        self.assertEqual(parts_of(self.server.seen[0]), {"file": ("a.bin", data)})

    def test_what_can_be_read_only_once_is_sent_once(self) -> None:
        class Once(io.RawIOBase):
            left = 3

            def readable(self) -> bool:
                return True

            def readinto(self, buffer: Any) -> int:
                self.left -= 1
                return 0 if self.left < 0 else (buffer.__setitem__(slice(0, 2), b"ab") or 2)

        self.server.play(drop, answer(202, JOB))
        with self.assertRaises(millrace.ConnectionError):
            self.connect().submit("echo", {"file": Once()})
        [seen] = self.server.seen
        self.assertEqual(parts_of(seen)["/file"], ("file", b"ababab"))

    def test_what_cannot_be_read_is_told_before_anything_is_sent(self) -> None:
        with self.assertRaises(FileNotFoundError):
            self.connect().submit("ocr", {"image": Path(self.folder.name, "none.png")})
        with self.assertRaisesRegex(TypeError, "rb"), open(self.path) as text:
            self.connect().submit("ocr", {"image": text})
        self.assertEqual(self.server.seen, [])

    def test_a_path_that_came_as_data_is_never_read(self) -> None:
        self.server.play(answer(202, JOB))
        self.connect().submit("echo", {"file": {"path": str(self.path)}, "other": str(self.path)})
        self.assertEqual(self.server.seen[0].headers["content-type"], "application/json")

    def test_a_refusal_before_the_end_of_an_upload_is_read(self) -> None:
        self.server.early = refuse_and_leave
        with self.assertRaises(millrace.ApiError) as caught:
            self.connect(retries=0).files.upload(bytes(20_000_000))
        self.assertEqual(caught.exception.code, "body_too_large")

    def test_a_broken_download_is_told_with_what_had_come(self) -> None:
        client = self.connect(silence_seconds=0.5)
        for step in (drop_in_body, stay_short):
            self.server.play(step)
            pieces = client.files.stream("file_1")
            self.assertEqual(next(pieces), b'{"id":')
            with self.assertRaisesRegex(millrace.ConnectionError, "6 bytes"):
                next(pieces)

    def test_other_bytes_than_the_file_has_are_not_taken(self) -> None:
        data = b"some bytes"
        for told in (facts(data, size=3), facts(data, size=100), facts(b"other byte")):
            self.server.play(answer(200, raw=data))
            with self.assertRaises(millrace.ConnectionError):
                b"".join(self.connect().files.stream(told))
        self.server.play(answer(200, raw=b"other byte"), answer(200, raw=data))
        self.assertEqual(self.connect().files.read(facts(data)), data)

    def test_a_download_to_a_path_goes_on_where_it_broke_and_is_there_whole_or_not_at_all(self) -> None:
        data = os.urandom(300_000)
        to = Path(self.folder.name, "copy.bin")

        def half(handler: Any) -> None:
            handler.head(200, {"content-length": str(len(data))})
            handler.wfile.write(data[:100_000])
            handler.cut()

        rest = {"content-range": f"bytes 100000-299999/{len(data)}"}
        self.server.play(half, drop, answer(206, headers=rest, raw=data[100_000:]))
        self.connect().files.download(facts(data), to)
        self.assertEqual(to.read_bytes(), data)
        ranges = [seen.headers.get("range") for seen in self.server.seen]
        self.assertEqual(ranges, [None, "bytes=100000-", "bytes=100000-"])
        self.server.play(half, answer(200, raw=data))
        self.connect().files.download(facts(data), str(to))
        self.assertEqual(to.read_bytes(), data)
        self.server.play(half, half, half, half)
        with self.assertRaises(millrace.ConnectionError):
            self.connect().files.download(facts(b"another"), Path(self.folder.name, "other.bin"))
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["copy.bin", 'scan "1".png'])

    def test_a_download_to_an_open_file_gets_the_bytes(self) -> None:
        self.server.play(answer(200, raw=b"some bytes"))
        to = io.BytesIO()
        self.connect().files.download("file_1", to)
        self.assertEqual(to.getvalue(), b"some bytes")

    def test_a_redirect_to_another_server_is_followed_without_the_key(self) -> None:
        store = FaultServer()
        self.addCleanup(store.stop)
        store.play(answer(200, raw=b"some bytes"))
        self.server.play(answer(302, headers={"location": f"{store.url}/bucket/x?signature=y"}))
        self.assertEqual(self.connect(api_key="secret").files.read("file_1"), b"some bytes")
        self.assertEqual(self.server.seen[0].headers["authorization"], "Bearer secret")
        self.assertEqual([store.seen[0].path, "authorization" in store.seen[0].headers], ["/bucket/x?signature=y", False])


for_both(globals(), Files)
