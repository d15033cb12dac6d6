"""Files in an input. Plain data never names a path: a text is a text, and only a `pathlib.Path` is a file, so an input that
came from someone else cannot name a file of this machine. Called for each submit and upload."""
from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

#: What can be uploaded: a path, bytes, or a file opened for reading bytes.
Uploadable = Union[Path, bytes, bytearray, memoryview, BinaryIO, "Upload"]

#: Bytes that are handed over at once.
PIECE = 256 * 1024


class Upload:
    """Something to upload, with its name and type. Without them the name of the file is used, and the server takes the type
    from the name."""

    def __init__(
        self,
        source: Union[Path, bytes, bytearray, memoryview, BinaryIO],
        *,
        name: Optional[str] = None,
        content_type: Optional[str] = None,
    ) -> None:
        if isinstance(source, io.TextIOBase):
            raise TypeError("a file to upload must be opened for bytes: open(path, 'rb')")
        if not _is_source(source):
            raise TypeError(f"a file to upload is a pathlib.Path, bytes or an open file, got {type(source).__name__}")
        self._source = source
        self.name = name or _name_of(source) or "file"
        self.content_type = content_type or "application/octet-stream"
        self._start = _position_of(source)

    @property
    def replayable(self) -> bool:
        """False when the bytes can be read only once."""
        return isinstance(self._source, (Path, bytes, bytearray, memoryview)) or self._start is not None

    def called(self, name: Optional[str], content_type: Optional[str]) -> Upload:
        """The same with another name or type."""
        return Upload(self._source, name=name or self.name, content_type=content_type or self.content_type)

    def check(self) -> None:
        """Raises the error of the system when a path cannot be read."""
        if isinstance(self._source, Path):
            self._source.open("rb").close()

    def pieces(self) -> Iterator[bytes]:
        """The bytes, from their beginning, as they are read."""
        if isinstance(self._source, (bytes, bytearray, memoryview)):
            whole = memoryview(self._source).cast("B")
            for at in range(0, len(whole), PIECE):
                yield bytes(whole[at : at + PIECE])
        elif isinstance(self._source, Path):
            with self._source.open("rb") as file:
                yield from _read(file)
        else:
            if self._start is not None:
                self._source.seek(self._start)
            yield from _read(self._source)


class PlacedUpload(NamedTuple):
    """A file and its place in the input: a JSON pointer, such as /image or /pages/0."""

    pointer: str
    upload: Upload


def split_uploads(data: Any) -> Tuple[Any, List[PlacedUpload]]:
    """Takes the files out of an input. In their places it puts None, or the id of a file that the server has. The given
    input is not changed. Raises TypeError for what is neither JSON nor a file."""
    uploads: List[PlacedUpload] = []

    def walk(value: Any, pointer: str) -> Any:
        if isinstance(value, (Upload, io.TextIOBase)) or _is_source(value):
            uploads.append(PlacedUpload(pointer, as_upload(value)))
            return None
        if isinstance(value, dict):
            return value["id"] if is_file(value) else walk_dict(value, pointer)
        if isinstance(value, (list, tuple)):
            return [walk(item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if value is None or isinstance(value, (str, bool, int, float)):
            return value
        raise TypeError(f"{pointer or 'the input'} is neither JSON nor a file: {type(value).__name__}")

    def walk_dict(value: Dict[Any, Any], pointer: str) -> Dict[str, Any]:
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{pointer or 'the input'} has a key that is no text: {key!r}")
        return {key: walk(item, f"{pointer}/{_escape(key)}") for key, item in value.items()}

    return walk(data, ""), uploads


def as_upload(value: Uploadable) -> Upload:
    return value if isinstance(value, Upload) else Upload(value)


def is_file(value: Any) -> bool:
    """True for a file that the server has: an uploaded one, or one of a job."""
    return isinstance(value, dict) and value.get("object") == "file" and str(value.get("id")).startswith("file_")


def _is_source(value: Any) -> bool:
    return isinstance(value, (Path, bytes, bytearray, memoryview)) or callable(getattr(value, "read", None))


def _name_of(source: Any) -> Optional[str]:
    name = source.name if isinstance(source, Path) else getattr(source, "name", None)
    return os.path.basename(name) if isinstance(name, str) else None


def _position_of(source: Any) -> Optional[int]:
    """Where an open file stands, if it can be brought back there. None for anything else."""
    if isinstance(source, (Path, bytes, bytearray, memoryview)):
        return None
    try:
        return int(source.tell()) if source.seekable() else None
    except (AttributeError, OSError, ValueError):
        return None


def _read(file: BinaryIO) -> Iterator[bytes]:
    while True:
        piece = file.read(PIECE)
        if not isinstance(piece, (bytes, bytearray)):
            raise TypeError(f"a file to upload must be opened for bytes: it read {type(piece).__name__}")
        if not piece:
            return
        yield bytes(piece)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
