"""Parts what a model gives into plain JSON and files; refuses what JSON would silently change or lose."""
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import io
import math
import os
import pathlib
import uuid

from .errors import InvalidOutput
from .json_pointer import place_at, pointer_to
from .output_file import OutputFile, TakenFile

MAX_DEPTH = 200
MAX_FILES = 1000
# Readers of JSON keep integers up to this exactly.
MAX_INTEGER = 2**53


# Also ranges, deques, and what a dict gives as its keys and values. Texts and bytes were told apart before.
_LISTS = (list, tuple, collections.abc.Sequence, collections.abc.Set, collections.abc.ValuesView)


def encode_output(value, folder):
    """A JSON value with null in place of each file, and the files as the protocol has them: pointer, path, name,
    content_type. Raises InvalidOutput for NaN, infinities and integers beyond 2^53, cycles, values nested deeper than
    200, more than 1000 files, and whatever is neither JSON nor a file."""
    encoder = _Encoder(folder)
    return encoder.walk(value, ""), encoder.files


class _Encoder:
    def __init__(self, folder):
        self._folder = folder
        self._above = []
        self.files = []

    def walk(self, value, pointer):
        if _is_plain(value):
            return value
        if isinstance(value, enum.Enum):
            return self.walk(value.value, pointer)
        if isinstance(value, str):
            return str(value)
        if isinstance(value, int):
            return int(value) if abs(value) <= MAX_INTEGER else _refuse(pointer, "the integer is beyond 2^53; give it as text")
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else _refuse(pointer, "%r is not JSON" % float(value))
        file = None if type(value) in (dict, list, tuple) else self._file_of(value)
        if file is not None:
            return self._take(file, pointer)
        if any(value is above for above in self._above):
            _refuse(pointer, "the value contains itself")
        if len(self._above) >= MAX_DEPTH:
            _refuse(pointer, "the value is nested deeper than %d" % MAX_DEPTH)
        self._above.append(value)
        try:
            return self._inside(value, pointer)
        finally:
            self._above.pop()

    def _inside(self, value, pointer):
        if isinstance(value, collections.abc.Mapping):
            return self._mapping(value, pointer)
        if isinstance(value, _LISTS):
            return [
                item if _is_plain(item) else self.walk(item, pointer_to(pointer, index)) for index, item in enumerate(value)
            ]
        return self.walk(_plain(value, pointer), pointer)

    def _mapping(self, value, pointer):
        plain = {}
        for key, item in value.items():
            name = key if type(key) is str else _key(key, pointer)
            if name in plain:
                _refuse(pointer, "two keys are both written as %r" % name)
            plain[name] = item if _is_plain(item) else self.walk(item, pointer_to(pointer, name))
        return plain

    def _file_of(self, value):
        """The file's place in the run's folder, or None when the value is no file."""
        if isinstance(value, TakenFile):
            return lambda: value.entry
        if isinstance(value, OutputFile):
            if value.path is not None:
                return lambda: self._folder.add_path(value.path, value.name, value.content_type)
            if value.stream is not None:
                return lambda: self._folder.add_stream(value.stream, value.name, value.content_type)
            return lambda: self._folder.add_bytes(value.data, value.name, value.content_type)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return lambda: self._folder.add_bytes(value)
        if isinstance(value, pathlib.PurePath):
            return lambda: self._folder.add_path(value)
        if isinstance(value, io.IOBase) or (hasattr(value, "read") and hasattr(value, "seekable")):
            return lambda: self._folder.add_stream(value)
        if type(value).__module__.startswith("PIL.") and hasattr(value, "save"):
            return lambda: self._folder.add_bytes(_png(value), "image.png", "image/png")
        return None

    def _take(self, add, pointer):
        if len(self.files) >= MAX_FILES:
            _refuse(pointer, "more than %d files" % MAX_FILES)
        self.files.append({"pointer": pointer, **add()})
        return None


def _is_plain(value):
    """Whether it is JSON as it is. Most of a large output is, and then nobody needs to know where it stands."""
    kind = type(value)
    if kind is float:
        return math.isfinite(value)
    if kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER
    return kind is str or kind is bool or value is None


def _plain(value, pointer):
    """One step towards JSON for the types of the libraries that models use, told by what they can do."""
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    for name in ("model_dump", "_asdict", "tolist"):
        method = getattr(value, name, None)
        if callable(method) and not isinstance(value, type):
            plain = method()
            # The longest floats of numpy have no shorter form.
            if type(plain) is not type(value):
                return plain
    if hasattr(value, "__fields__") and callable(getattr(value, "dict", None)) and not isinstance(value, type):
        return value.dict()
    return _refuse(pointer, "%s is neither JSON nor a file" % type(value).__name__)


def _key(key, pointer):
    if isinstance(key, enum.Enum):
        key = key.value
    elif isinstance(key, (datetime.date, datetime.time, uuid.UUID)) or hasattr(key, "tolist"):
        key = _plain(key, pointer)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    return str(key) if isinstance(key, (str, int, float)) else _refuse(pointer, "a key is a %s" % type(key).__name__)


def _png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _refuse(pointer, why):
    raise InvalidOutput("%s: %s" % (pointer or "the output", why))


def describe_files(value, files):
    """The value with what is known of each file in its place: for a chunk, which cannot carry files."""
    described = {file["pointer"]: {"object": "file", "name": file["name"], "content_type": file["content_type"]} for file in files}
    return _describe(value, described, "")


def keep_files(value, files):
    """The value with a TakenFile in the place of each file: it can be encoded again, whatever the model does meanwhile."""
    for file in files:
        taken = TakenFile({key: file[key] for key in ("path", "name", "content_type")})
        if file["pointer"] == "":
            return taken
        place_at(value, file["pointer"], taken)
    return value


def _describe(value, described, pointer):
    if pointer in described:
        return described[pointer]
    if isinstance(value, dict):
        return {key: _describe(item, described, pointer_to(pointer, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_describe(item, described, pointer_to(pointer, index)) for index, item in enumerate(value)]
    return value
