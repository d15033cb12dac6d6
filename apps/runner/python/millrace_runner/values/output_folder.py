"""Brings files of an output into the run's folder, from where the worker fetches them. Called by runs/run.py."""
import contextlib
import mimetypes
import os
import re
import shutil
import stat
import tempfile
import unicodedata

from .. import current
from ..errors import InvalidOutput

# The first bytes of types, for files whose name does not tell the type.
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
)
# Types that Python knows only on some systems, or only in its newest versions.
_SUFFIXES = {"audio/wav": ".wav", "audio/ogg": ".ogg", "audio/flac": ".flac", "image/webp": ".webp"}
_UNKNOWN = "application/octet-stream"


def safe_name(text, fallback="file"):
    """The last part of a path in [A-Za-z0-9._-], at most 128 characters, with its extension. When no character of
    the stem is allowed, as in `фото.png`, `fallback` takes its place."""
    base = unicodedata.normalize("NFKD", re.split(r"[/\\]", str(text))[-1])
    base = "".join(letter for letter in base if not unicodedata.combining(letter)).strip()
    plain = re.sub(r"[.-]+$", "", re.sub(r"[^A-Za-z0-9._-]+", "-", base))
    bare = re.sub(r"^[.-]+", "", plain)
    if re.match(r"[.-]*\.", plain):
        bare = "%s.%s" % (fallback, bare)
    if len(bare) > 128:
        end = re.search(r"((\.tar)?\.[A-Za-z0-9_-]{1,16})?$", bare).group()
        bare = bare[: 128 - len(end)] + end
    return bare or fallback


class OutputFolder:
    """The files of one run. Each `add_*` returns the file's entry: path relative to the folder, name, content_type."""

    def __init__(self, work_dir, started):
        """`started`: the start of the run in Unix time. Seconds."""
        self._work_dir = work_dir
        self._started = started
        self._count = 0
        # Files that are here already, by path or by the id of their stream. One file may have two places in the
        # output.
        self._taken = {}

    @property
    def _root(self):
        # Resolved only when there is a file. Most runs give none, and each part of the path costs a look at the disk.
        return os.path.realpath(self._work_dir)

    def add_bytes(self, data, name=None, content_type=None):
        content_type = content_type or content_type_of(name, bytes(data[:16]))
        path, name = self._place(name or "output" + suffix_of(content_type))
        with open(path, "xb") as file:
            file.write(data)
        return self._entry(path, name, content_type)

    def add_stream(self, stream, name=None, content_type=None):
        """Adds an open file or buffer, read from its start. It is closed, and its file is deleted if it was
        temporary."""
        known = self._taken.get(id(stream))
        if known is not None:
            return known[1]
        source = getattr(stream, "name", None)
        if isinstance(source, str) and os.path.isfile(source):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
            entry = self.add_path(source, name, content_type)
        else:
            if stream.seekable():
                stream.seek(0)
            data = stream.read()
            name = name or (os.path.basename(source) if isinstance(source, str) else None)
            if isinstance(data, str):
                entry = self.add_bytes(data.encode("utf-8"), name or "output.txt", content_type or "text/plain")
            else:
                entry = self.add_bytes(data, name, content_type)
        # A temporary file deletes itself when it is closed, but it was moved away.
        with contextlib.suppress(FileNotFoundError):
            stream.close()
        # Kept alive, so that no other object gets its id.
        self._taken[id(stream)] = (stream, entry)
        return entry

    def add_path(self, path, name=None, content_type=None):
        """Adds a regular file from anywhere. A temporary file that was made in this run is moved; any other is
        copied."""
        path = os.path.abspath(os.fspath(path))
        known, entry = self._taken.get(path, (None, None))
        try:
            found = os.stat(path)
        except (OSError, ValueError) as error:
            # This file was given before, and was moved then.
            if entry is not None:
                return entry
            why = getattr(error, "strerror", error)
            raise InvalidOutput("the file %s cannot be read (%s)" % (os.path.basename(path), why)) from error
        # A file that was written again under the same name counts as another file: some models stream frames this
        # way.
        stamp = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if known == stamp:
            return entry
        if not stat.S_ISREG(found.st_mode):
            raise InvalidOutput("%s is not a regular file" % os.path.basename(path))
        if content_type is None:
            with open(path, "rb") as file:
                content_type = content_type_of(name or path, file.read(16))
        target, name = self._place(name or os.path.basename(path))
        if _is_inside(path, self._root):
            os.link(os.path.realpath(path), target)
        elif self._is_temporary(path, found):
            shutil.move(path, target)
        else:
            shutil.copyfile(path, target)
        entry = self._entry(target, name, content_type)
        self._taken[path] = (stamp, entry)
        return entry

    def _is_temporary(self, path, found):
        """True for a file that was made in this run, in the folder for temporary files. The model's own folder may
        lie in there too, and does not count."""
        is_fresh = found.st_mtime >= self._started - 1 and not os.path.islink(path)
        own = current.session.settings.folder
        return is_fresh and _is_inside(path, tempfile.gettempdir()) and not _is_inside(path, own)

    def keep_chunk(self, line):
        """Keeps one piece of a streamed output as a line of JSON, for the worker in case this process dies. A piece
        that cannot be written is not kept."""
        try:
            with open(os.path.join(self._work_dir, ".chunks.jsonl"), "ab", buffering=0) as file:
                file.write(line.encode("utf-8") + b"\n")
        except OSError:
            pass

    def spill(self, text):
        """Writes a JSON text that is too large for a frame to a file."""
        with open(os.path.join(self._root, ".output.json"), "x", encoding="utf-8") as file:
            file.write(text)
        return ".output.json"

    def _place(self, name):
        folder = os.path.join(self._root, "out")
        os.makedirs(folder, exist_ok=True)
        name = safe_name(name, "file-%d" % self._count)
        path = os.path.join(folder, "%d-%s" % (self._count, name))
        self._count += 1
        return path, name

    def _entry(self, path, name, content_type):
        return {"path": os.path.relpath(path, self._root), "name": name, "content_type": content_type}


def _is_inside(path, folder):
    folder = os.path.realpath(folder)
    return os.path.commonpath([os.path.realpath(path), folder]) == folder


def content_type_of(name, head):
    """The type by the name, else by the first 16 bytes."""
    guessed = mimetypes.guess_type(str(name))[0] if name else None
    if guessed:
        return guessed
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12], _UNKNOWN)
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), _UNKNOWN)


def suffix_of(content_type):
    """An extension such as `.png`. `.bin` when the type is not known."""
    kind = content_type.split(";")[0].strip()
    return _SUFFIXES.get(kind) or mimetypes.guess_extension(kind) or ".bin"
