"""The body of a request, in a form that can be sent again if its parts allow it. Made for submits and uploads, written by the
connections."""
from __future__ import annotations

import json
import secrets
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ..uploads import PlacedUpload


class Body:
    headers: Dict[str, str]
    #: Bytes of the whole body; None when that is not known before it is sent.
    length: Optional[int]
    #: False when the body can be read only once.
    replayable: bool = True

    def check(self) -> None:
        """Raises what is wrong with the files, before anything is sent."""

    def pieces(self) -> Iterator[bytes]:
        """The bytes. An error from it is the caller's, and is passed on unchanged."""
        raise NotImplementedError


class JsonBody(Body):
    def __init__(self, value: Any) -> None:
        self._text = json_text(value).encode()
        self.headers = {"content-type": "application/json"}
        self.length = len(self._text)

    def pieces(self) -> Iterator[bytes]:
        yield self._text


class MultipartBody(Body):
    """Each part is read while it is sent, so a file of any size needs no memory."""

    length = None

    def __init__(self, fields: Mapping[str, str], uploads: List[PlacedUpload]) -> None:
        self._fields = fields
        self._uploads = uploads
        self._boundary = f"millrace-{secrets.token_hex(16)}"
        self.headers = {"content-type": f"multipart/form-data; boundary={self._boundary}"}
        self.replayable = all(upload.replayable for _, upload in uploads)

    def check(self) -> None:
        for _, upload in self._uploads:
            upload.check()

    def pieces(self) -> Iterator[bytes]:
        for name, text in self._fields.items():
            yield self._head(f'name="{_quoted(name)}"') + text.encode() + b"\r\n"
        for pointer, upload in self._uploads:
            kind = "".join(" " if char in "\r\n" else char for char in upload.content_type)
            name = f'name="{_quoted(pointer)}"; filename="{_quoted(upload.name)}"'
            yield self._head(name, f"Content-Type: {kind}")
            yield from upload.pieces()
            yield b"\r\n"
        yield f"--{self._boundary}--\r\n".encode()

    def _head(self, disposition: str, *more: str) -> bytes:
        lines = [f"--{self._boundary}", f"Content-Disposition: form-data; {disposition}", *more, "", ""]
        return "\r\n".join(lines).encode()


def json_text(value: Any) -> str:
    """Raises TypeError and ValueError for what JSON cannot say, such as NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _quoted(name: str) -> str:
    """A name in a multipart header, as browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
