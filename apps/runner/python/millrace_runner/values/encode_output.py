"""Splits an output into plain JSON and files, and refuses values that JSON would silently change or lose. Called by
runs/run.py."""
import collections.abc
import dataclasses
import datetime
import decimal
import enum
import inspect
import io
import math
import os
import pathlib
import uuid

from ..errors import InvalidOutput
from ..host.host_pipe import to_json
from .json_pointer import place_at, pointer_to
from .output_file import OutputFile, TakenFile

MAX_DEPTH = 200
MAX_FILES = 1000
# Readers of JSON keep integers exact only up to this one.
MAX_INTEGER = 2**53


# Includes ranges, deques, and the keys and values of a dict. Texts and bytes were handled before.
_LISTS = (list, tuple, collections.abc.Sequence, collections.abc.Set, collections.abc.ValuesView)


def encode_output(value, folder):
    """Returns a JSON value with null in place of each file, and the files as the protocol has them: pointer, path,
    name, content_type. docs/models.md has the table of types. Raises InvalidOutput for NaN, infinities, integers
    beyond 2^53, decimals that no float is written as, cycles, values nested deeper than 200, more than 1000 files,
    and anything that is neither JSON nor a file. `folder`: an OutputFolder; None where files are not allowed."""
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
            # Not str(value), here and below, because a subclass may override it.
            return str.__str__(value)
        if isinstance(value, int):
            return int.__int__(value) if abs(value) <= MAX_INTEGER else _refuse(pointer, "the integer is beyond 2^53; give it as text")
        if isinstance(value, float):
            number = float.__float__(value)
            return number if math.isfinite(number) else _refuse(pointer, "%r is not JSON" % number)
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
        """The entry of the file in the run's folder. None when the value is not a file."""
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
        if self._folder is None:
            _refuse(pointer, "a file can be in an output only")
        if len(self.files) >= MAX_FILES:
            _refuse(pointer, "more than %d files" % MAX_FILES)
        self.files.append({"pointer": pointer, **add()})
        return None


def _is_plain(value):
    """True when the value is JSON already. Most of a large output is, and then its position need not be tracked."""
    kind = type(value)
    if kind is float:
        return math.isfinite(value)
    if kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER
    return kind is str or kind is bool or value is None


def _plain(value, pointer):
    """Takes one step towards JSON for types of the libraries that models use. Their methods tell what they are."""
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        # pandas has a special date for "no date". It is not equal to itself.
        return value.isoformat() if value == value else _refuse(pointer, "%s is not JSON" % value)
    if isinstance(value, decimal.Decimal):
        return _number_of(value, pointer)
    if isinstance(value, uuid.UUID):
        return str(value)
    if inspect.isawaitable(value):
        _refuse(pointer, "a %s was not awaited" % type(_without_warning(value)).__name__)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if getattr(getattr(value, "dtype", None), "names", None):
        _refuse(pointer, "an array with named fields would lose their names; give a dict of its columns")
    for name in ("model_dump", "_asdict", "tolist"):
        method = getattr(value, name, None)
        if callable(method) and not isinstance(value, type):
            plain = method()
            # numpy's longest floats have no shorter form. Its special date for "no date" becomes None.
            if type(plain) is not type(value) and (plain is not None or name != "tolist" or type(value).__name__ != "datetime64"):
                return plain
    if hasattr(value, "__fields__") and callable(getattr(value, "dict", None)) and not isinstance(value, type):
        return value.dict()
    return _refuse(pointer, "%s is neither JSON nor a file" % type(value).__name__)


def _number_of(value, pointer):
    """A float whose text has the same digits, so that any reader of JSON sees the same number. Zeros at the end are
    dropped."""
    number = float(value) if value.is_finite() else math.nan
    if not math.isfinite(number) or decimal.Decimal(repr(number)) != value:
        _refuse(pointer, "the decimal %s cannot be a number of JSON without being changed; give it as text" % str(value)[:40])
    return number


def _without_warning(awaitable):
    """Otherwise Python would warn later, in the log of another run, that nobody awaited it."""
    if inspect.iscoroutine(awaitable):
        awaitable.close()
    elif getattr(awaitable, "_asyncio_future_blocking", None) is not None:
        awaitable.cancel()
    return awaitable


def _key(key, pointer):
    if isinstance(key, enum.Enum):
        key = key.value
    elif isinstance(key, (datetime.date, datetime.time, uuid.UUID, decimal.Decimal)) or hasattr(key, "tolist"):
        key = str(key) if isinstance(key, decimal.Decimal) else _plain(key, pointer)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, str):
        return str.__str__(key)
    return str(key) if isinstance(key, (int, float)) else _refuse(pointer, "a key is a %s" % type(key).__name__)


def _png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _refuse(pointer, why):
    raise InvalidOutput("%s: %s" % (pointer or "the output", why))


def to_strict_json(value):
    """The JSON text of a value that `encode_output` made. Raises InvalidOutput for half a surrogate, which JSON
    cannot hold."""
    text = to_json(value)
    if "\ufffd" in text:
        _find_half(value, "")
    return text


def _find_half(value, pointer):
    if isinstance(value, str) and not _is_carried(value):
        _refuse(pointer, "the text holds half a surrogate pair, which is no character")
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(key, str):
            _find_half(key, pointer)
        _find_half(item, pointer_to(pointer, key))


def _is_carried(text):
    try:
        # Two surrogates that belong together are one character.
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return False
    return True


def plain_notes(notes, what, log):
    """Notes for programs, by name, as JSON. A note that is not JSON is left out, and `log` is told which. `what`:
    metric, detail."""
    plain = {}
    for name, value in notes.items() if isinstance(notes, collections.abc.Mapping) else ():
        try:
            told = encode_output(value, None)[0]
            to_strict_json(told)
            plain[str(name)] = told
        except Exception as error:  # noqa: B902 - also what the model's own types raise when they are read
            log("the %s %s was left out: %s" % (what, str(name)[:100], str(error)[:200]), "warn")
    return plain


def describe_files(value, files):
    """Returns the value with a description in place of each file: for a chunk, which cannot carry files."""
    described = {file["pointer"]: {"object": "file", "name": file["name"], "content_type": file["content_type"]} for file in files}
    return _describe(value, described, "")


def keep_files(value, files):
    """Returns the value with a TakenFile in place of each file, so that it can be encoded again whatever the model
    does meanwhile."""
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
