"""The types of a predictor's parameters and outputs."""
import abc
import http.client
import io
import mimetypes
import os
import pathlib
import shutil
import tempfile
import typing
import urllib.parse
import urllib.request

from ._sdk import at_least
from .exceptions import CancelationException
from .input import FieldInfo, Input
from .opaque import Opaque
from .pydantic_hooks import PydanticField

Item = typing.TypeVar("Item")
_TIMEOUT_SECONDS = 60
FILENAME_ILLEGAL_CHARS = set("\0/")
# In bytes of UTF-8.
FILENAME_MAX_LENGTH = 200
_FILE_SCHEMA = {"type": "string", "format": "uri"}
_LOCAL_PATH = type(pathlib.Path())


class ExperimentalFeatureWarning(Warning):
    """Nothing raises it any more, but predictors import it to silence it."""


class Secret(PydanticField):
    """A text that is never shown. `get_secret_value()` returns it."""

    _json_schema = {"type": "string", "format": "password", "writeOnly": True, "x-cog-secret": True}

    def __init__(self, secret_value=None):
        self._secret_value = secret_value

    def get_secret_value(self):
        return self._secret_value

    @property
    def secret_value(self):
        """The same value, as the field that Cog has from 0.17 on."""
        return self._secret_value

    @classmethod
    def validate(cls, value):
        if isinstance(value, cls):
            return value
        if isinstance(value, str):
            return cls(value)
        raise ValueError("expected a text")

    def __str__(self):
        # Up to 0.16 an empty secret was shown as empty.
        is_hidden = self._secret_value is not None if at_least(0, 17) else self._secret_value
        return "**********" if is_hidden else ""

    def __repr__(self):
        # Up to 0.16 this was pydantic's form.
        return "Secret(%s)" % self if at_least(0, 17) else "Secret(%r)" % str(self)

    def __eq__(self, other):
        return isinstance(other, Secret) and other._secret_value == self._secret_value

    def __hash__(self):
        return hash(self._secret_value)

    def __len__(self):
        return len(self._secret_value or "")


class File(PydanticField, io.IOBase):
    """A parameter of this type is an open file of bytes. Newer predictors use Path."""

    _json_schema = _FILE_SCHEMA

    @classmethod
    def validate(cls, value):
        """An open file stays as it is. A `data:` URI becomes a file of its bytes. An address becomes a file that is
        fetched when it is first read."""
        if isinstance(value, io.IOBase) or hasattr(value, "read"):
            return value
        scheme = urllib.parse.urlparse(value).scheme if isinstance(value, str) else ""
        if scheme == "data":
            with urllib.request.urlopen(value) as response:
                return io.BytesIO(response.read())
        if scheme in ("http", "https"):
            return URLFile(value)
        raise ValueError("expected an open file, or a data:, http: or https: address")


class Path(PydanticField, _LOCAL_PATH):
    """A parameter of this type is the path of a file. A Path that is returned becomes a file of the output."""

    _json_schema = _FILE_SCHEMA

    @classmethod
    def validate(cls, value):
        """A path stays as it is. An address becomes a URLPath."""
        if isinstance(value, pathlib.Path):
            return value
        fileobj = File.validate(value)
        return URLPath(source=value, filename=get_filename(value), fileobj=fileobj)


class URLPath(_LOCAL_PATH):
    """A file at an address; `convert()` fetches it into a temporary file."""

    def __new__(cls, *, source, filename, fileobj):
        return super().__new__(cls, filename or "file")

    def __init__(self, *, source, filename, fileobj):
        try:
            super().__init__(filename or "file")
        except TypeError:
            # Before Python 3.12 a path is made only in __new__.
            super().__init__()
        self.source = source
        self.filename = filename
        self.fileobj = fileobj
        self._fetched = None

    def convert(self):
        if self._fetched is None:
            with tempfile.NamedTemporaryFile(suffix=self.filename, delete=False) as target:
                shutil.copyfileobj(self.fileobj, target)
            self._fetched = Path(target.name)
        return self._fetched

    def unlink(self, missing_ok=False):
        if self._fetched is not None:
            self._fetched.unlink(missing_ok=missing_ok)

    def __str__(self):
        return self.source


class URLFile(io.IOBase):
    """A file at an http: or https: address, fetched when it is first read. Survives pickling."""

    def __init__(self, url, filename=None):
        parsed = urllib.parse.urlparse(url)
        if parsed.scheme not in ("http", "https"):
            raise ValueError("URLFile needs an http: or https: address")
        self.name = filename or os.path.basename(parsed.path)
        self.url = url
        self._response = None

    def _open(self):
        if self._response is None:
            request = urllib.request.Request(self.url)
            agent = os.environ.get("COG_USER_AGENT")
            if agent:
                request.add_header("User-Agent", agent)
            self._response = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)
        return self._response

    def readable(self):
        return True

    def read(self, size=-1):
        response = self._open()
        if size is None or size < 0:
            return response.read()
        data = response.read(size)
        # Only a read of all bytes notices by itself that the connection ended too early.
        if size and not data and response.length:
            raise http.client.IncompleteRead(data, response.length)
        return data

    def readline(self, size=-1):
        return self._open().readline(size)

    def __iter__(self):
        return iter(self._open())

    def __getstate__(self):
        return {"name": self.name, "url": self.url}

    def __setstate__(self, state):
        self.__dict__.update(state, _response=None)

    def __repr__(self):
        return "URLFile(%r)" % self.url


class ConcatenateIterator(typing.Iterator[Item]):
    """Returned by a predictor that yields a text piece by piece."""

    @abc.abstractmethod
    def __next__(self):
        raise StopIteration


class AsyncConcatenateIterator(typing.AsyncIterator[Item]):
    """The same for an asynchronous predictor."""

    @abc.abstractmethod
    async def __anext__(self):
        raise StopAsyncIteration


def get_filename(url):
    """The last part of an address, short enough for the name of a file. Its extension is kept."""
    parsed = urllib.parse.urlparse(url)
    if parsed.scheme == "data":
        media_type = parsed.path.partition(",")[0].partition(";")[0] or "text/plain"
        return "file" + (mimetypes.guess_extension(media_type) or "")
    name = urllib.parse.unquote_plus(os.path.basename(parsed.path))
    for character in FILENAME_ILLEGAL_CHARS:
        name = name.replace(character, "_")
    stem, suffix = os.path.splitext(name)
    room = FILENAME_MAX_LENGTH - len(suffix.encode("utf-8"))
    return stem.encode("utf-8")[:room].decode("utf-8", "ignore") + suffix if room > 0 else name[:50]


# The type of setup()'s weights in Cog 0.13 to 0.16.
Weights = typing.Union[File, Path, str]


class CogBuildConfig(typing.TypedDict, total=False):
    """`build` in cog.yaml, as Cog 0.13 to 0.16 named it."""

    cuda: typing.Optional[str]
    gpu: typing.Optional[bool]
    python_packages: typing.Optional[typing.List[str]]
    system_packages: typing.Optional[typing.List[str]]
    python_requirements: typing.Optional[str]
    python_version: typing.Optional[str]
    run: typing.Any


class CogConcurrencyConfig(typing.TypedDict, total=False):
    """`concurrency` in cog.yaml."""

    max: int


class CogConfig(typing.TypedDict, total=False):
    """cog.yaml."""

    build: CogBuildConfig
    concurrency: CogConcurrencyConfig
    image: str
    predict: str
    train: str


__all__ = [
    "AsyncConcatenateIterator",
    "CancelationException",
    "CogBuildConfig",
    "CogConcurrencyConfig",
    "CogConfig",
    "ConcatenateIterator",
    "ExperimentalFeatureWarning",
    "FILENAME_ILLEGAL_CHARS",
    "FILENAME_MAX_LENGTH",
    "FieldInfo",
    "File",
    "Input",
    "Item",
    "Opaque",
    "Path",
    "Secret",
    "URLFile",
    "URLPath",
    "Weights",
    "get_filename",
]
