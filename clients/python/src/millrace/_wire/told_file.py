"""What a file should be, compared with the bytes that come. Used by downloads of both clients."""
from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, Optional

from .patience import Broken


class ToldFile:
    """Raises Broken for other bytes than the file has, as far as that is known: a complete answer need not be the complete
    file. `file` is a file as the API shows it, or an id, which tells nothing."""

    def __init__(self, file: Any) -> None:
        self._told = file if isinstance(file, dict) else {}
        self.clear()

    def clear(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()

    def take(self, data: bytes) -> None:
        self.size += len(data)
        self._hash.update(data)
        if self.size > self._told.get("size", self.size):
            raise Broken(f"the file has {self._told['size']} bytes")

    def end(self) -> None:
        if self.size != self._told.get("size", self.size):
            raise Broken(f"the file has {self._told['size']} bytes, and {self.size} came")
        if self._hash.hexdigest() != self._told.get("sha256", self._hash.hexdigest()):
            raise Broken("the bytes of the file differ from its SHA-256")


class PartFile:
    """A file that gets its name when it is whole. Beside it, so that it takes its place at once."""

    def __init__(self, path: Path, file: Any) -> None:
        self.told = ToldFile(file)
        self._path = path
        descriptor, self._name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
        self._file = os.fdopen(descriptor, "wb")

    def begin(self, status: int, content_range: Optional[str]) -> None:
        """Goes on behind what is there if the answer does, and from the beginning otherwise."""
        has_some = self.told.size > 0
        if has_some and status == 206 and (content_range or "").startswith(f"bytes {self.told.size}-"):
            return
        self.told.clear()
        self._file.seek(0)
        self._file.truncate()

    def write(self, data: bytes) -> None:
        self.told.take(data)
        self._file.write(data)

    def end(self) -> None:
        """Compares it as a whole; what is wrong with it is asked for from the beginning."""
        try:
            self.told.end()
        except Broken:
            self.told.clear()
            raise

    def keep(self) -> None:
        self._file.close()
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(self._name, 0o666 & ~mask)
        os.replace(self._name, self._path)

    def close(self) -> None:
        """Removes it, unless it was kept."""
        self._file.close()
        try:
            os.unlink(self._name)
        except FileNotFoundError:
            pass
