"""Calls about files: uploaded before a job uses them, and read back. Part of the client as `client.files`."""
from __future__ import annotations

from pathlib import Path
from typing import AsyncIterator, BinaryIO, Optional, Union, cast
from urllib.parse import quote

from .._wire.body import MultipartBody
from .._wire.patience import Broken
from .._wire.request import Request
from .._wire.told_file import PartFile, ToldFile
from ..errors import ConnectionError
from ..types import File, UploadedFile
from ..uploads import PlacedUpload, Uploadable, as_upload
from .connections import AsyncAnswer
from .follow import WITHIN
from .pipe import in_thread
from .sender import AsyncSender

#: A file as the API shows it, anywhere in an answer; or its id.
AnyFile = Union[File, UploadedFile, str]

# Seconds of silence while bytes are sent: it includes what the server does with them.
UPLOAD_SILENCE = 300.0


class AsyncFiles:
    def __init__(self, sender: AsyncSender, silence: float) -> None:
        self._sender = sender
        self._silence = silence

    async def upload(
        self,
        file: Uploadable,
        *,
        name: Optional[str] = None,
        content_type: Optional[str] = None,
        retries: Optional[int] = None,
    ) -> UploadedFile:
        """Uploads a file for any number of jobs. Put the result, or its id, into an input. The server deletes the file at
        `kept_until` unless a job uses it. The same bytes are kept only once."""
        upload = as_upload(file)
        if name is not None or content_type is not None:
            upload = upload.called(name, content_type)
        body = MultipartBody({}, [PlacedUpload("file", upload)])
        request = Request("/v1/files", "POST", body=body, retries=retries, silence=UPLOAD_SILENCE)
        return cast(UploadedFile, await self._sender.json(request))

    async def get(self, file_id: str, *, retries: Optional[int] = None) -> Union[File, UploadedFile]:
        """The facts of an uploaded file or of a job's file, with a fresh signed address."""
        request = Request(_path(file_id), retries=retries, within=WITHIN)
        return cast(Union[File, UploadedFile], await self._sender.json(request))

    async def delete(self, file_id: str, *, retries: Optional[int] = None) -> None:
        """Deletes an uploaded file. Jobs that use it keep its bytes until they are purged."""
        await self._sender.nothing(Request(_path(file_id), "DELETE", retries=retries, within=WITHIN))

    async def read(self, file: AnyFile, *, retries: Optional[int] = None) -> bytes:
        """All bytes of a file. It is asked for again when the connection breaks."""

        async def whole(answer: AsyncAnswer) -> bytes:
            told = ToldFile(file)
            data = await answer.read()
            told.take(data)
            told.end()
            return data

        return await self._sender.send(self._content(file, retries), whole)

    async def stream(self, file: AnyFile, *, retries: Optional[int] = None) -> AsyncIterator[bytes]:
        """The bytes of a file as they come. Raises ConnectionError when the connection breaks: it is not resumed."""
        told = ToldFile(file)
        answer = await self._sender.send(self._content(file, retries), _head)
        try:
            while True:
                data = await answer.some()
                told.take(data)
                if not data:
                    told.end()
                    return
                yield data
        except Broken as broken:
            reason = f"the download broke after {told.size} bytes: {broken.reason}"
            raise ConnectionError(self._sender.url, reason) from broken
        finally:
            answer.leave()

    async def download(
        self, file: AnyFile, to: Union[str, Path, BinaryIO], *, retries: Optional[int] = None
    ) -> None:
        """Writes a file to a path, or to a file opened for writing bytes.

        A path has the file whole or not at all: when the connection breaks, the rest is asked for, and it gets its name when
        size and SHA-256 are right, as far as `file` tells them. A file that is open gets the bytes as they come; when the
        connection breaks, ConnectionError is raised.
        """
        if not isinstance(to, (str, Path)):
            async for piece in self.stream(file, retries=retries):
                await in_thread(to.write, piece)
            return
        path = Path(to)
        kept = await in_thread(PartFile, path, file)
        try:
            request = self._content(file, retries)

            async def write(answer: AsyncAnswer) -> None:
                kept.begin(answer.status, answer.headers.get("content-range"))
                try:
                    while True:
                        piece = await answer.some()
                        if not piece:
                            return kept.end()
                        await in_thread(kept.write, piece)
                finally:
                    # What has come need not come again.
                    request.headers["range"] = f"bytes={kept.told.size}-"

            await self._sender.send(request, write)
            await in_thread(kept.keep)
        finally:
            await in_thread(kept.close)

    def _content(self, file: AnyFile, retries: Optional[int]) -> Request:
        # Asked for by id with the key. The signed address expires, and is meant for browsers.
        file_id = file if isinstance(file, str) else file["id"]
        return Request(_path(file_id) + "/content", headers={"accept": "*/*"}, retries=retries, silence=self._silence)


async def _head(answer: AsyncAnswer) -> AsyncAnswer:
    return answer


def _path(file_id: str) -> str:
    return f"/v1/files/{quote(file_id, safe='')}"
