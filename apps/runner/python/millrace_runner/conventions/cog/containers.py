"""The kinds that hold other kinds, or files, or anything at all. Made by annotations.py."""
import collections.abc
import io
import os
import urllib.request

from cog._sdk import at_least

from ...values.input_file import InputFile
from ...values.output_file import OutputFile
from .files import open_file, path_of
from .kinds import Kind, Refused, each, nullable, plain
from .scalars import Null

_LISTS = (collections.abc.Sequence, collections.abc.Set, collections.abc.ValuesView)


class Anything(Kind):
    def read(self, value):
        return delivered(value)


class FilePath(Kind):
    """`opened`: True: the model gets an open file (cog.File). False: a cog.Path."""

    def __init__(self, opened=False):
        self.opened = opened

    def schema(self):
        # In an output an object describes the file.
        return {"type": "object", "format": "file", "contentMediaType": "*/*"}

    def input_schema(self):
        return {"type": "string", "format": "file", "contentMediaType": "*/*"}

    def is_exact(self, value):
        return isinstance(value, InputFile)

    def read(self, value):
        if not isinstance(value, InputFile):
            raise Refused("should be a file", "value_error")
        return open_file(value) if self.opened else path_of(value)

    def check(self, value):
        # A file at an address stays where it is.
        address = getattr(value, "source", value if isinstance(value, str) else None)
        if isinstance(address, str) and address.startswith(("http://", "https://")):
            return address
        if isinstance(address, str) and address.startswith("data:"):
            with urllib.request.urlopen(address) as response:
                return OutputFile(data=response.read(), content_type=response.headers.get_content_type())
        if isinstance(value, (os.PathLike, io.IOBase, OutputFile)) or hasattr(value, "read"):
            return value
        raise Refused("should be a file, given as a cog.Path or an open file", "value_error")


class Mapping(Kind):
    def schema(self):
        return {"type": "object"}

    def is_exact(self, value):
        return isinstance(value, collections.abc.Mapping)

    def read(self, value):
        if not isinstance(value, collections.abc.Mapping):
            raise Refused("should be an object", "dict_type")
        return delivered(value)

    def check(self, value):
        # A value with named fields is written as an object.
        has_fields = any(hasattr(value, name) for name in ("__dict__", "_asdict"))
        if not isinstance(value, collections.abc.Mapping) and not has_fields:
            raise Refused("should be an object", "dict_type")
        return value


class Sequence(Kind):
    def __init__(self, item):
        self.item = item

    def schema(self):
        return {"type": "array", "items": self.item.schema()}

    def input_schema(self):
        return {"type": "array", "items": self.item.input_schema()}

    def exact_schema(self):
        return {"type": "array", "items": self.item.exact_schema()}

    @property
    def takes_wider(self):
        return self.item.takes_wider

    def is_exact(self, value):
        return isinstance(value, list) and all(map(self.item.is_exact, value))

    def read(self, value):
        if not isinstance(value, list):
            raise Refused("should be a list", "list_type")
        return each(enumerate(value), self.item.read)

    def check(self, value):
        value = plain(value)
        if isinstance(value, (str, bytes, bytearray)) or not isinstance(value, _LISTS):
            raise Refused("should be a list", "list_type")
        return each(enumerate(value), self.item.check)


class Union(Kind):
    """Since Cog 0.17 a value in a union of several types is never converted. Before that, pydantic converted it as a
    last resort."""

    def __init__(self, members):
        self.members = members
        self._is_exact_only = at_least(0, 17) and sum(not isinstance(member, Null) for member in members) > 1

    def schema(self):
        return self._any_of([member.schema() for member in self.members])

    def input_schema(self):
        schemas = [member.exact_schema() if self._is_exact_only else member.input_schema() for member in self.members]
        return self._any_of(schemas)

    def exact_schema(self):
        return self._any_of([member.exact_schema() for member in self.members])

    def is_exact(self, value):
        return any(member.is_exact(value) for member in self.members)

    def read(self, value):
        if self._is_exact_only and not self.is_exact(value):
            raise Refused("is of none of the types that it may have", "union_type")
        return self._first("read", value, [] if self._is_exact_only else self.members)

    def check(self, value):
        return self._first("check", value, self.members)

    def _first(self, method, value, others):
        likely = [member for member in self.members if member.is_exact(plain(value))]
        first = None
        for member in [*sorted(likely, key=lambda member: member.takes_wider), *others]:
            try:
                return getattr(member, method)(value)
            except Refused as error:
                first = first or error
        raise first

    @staticmethod
    def _any_of(schemas):
        null = {"type": "null"}
        rest = [schema for schema in schemas if schema != null]
        if len(rest) == 1 and null in schemas:
            return nullable(rest[0])
        # A file comes first: a validator takes the first type that fits, and a text fits many types.
        return {"anyOf": sorted(rest, key=lambda schema: schema.get("format") != "file") + [null] * (null in schemas)}


class Coded(Kind):
    """A type for which the model brings its own Coder."""

    def __init__(self, coder):
        self.coder = coder

    def schema(self):
        return {"type": "object"}

    def is_exact(self, value):
        return isinstance(value, dict)

    def read(self, value):
        if not isinstance(value, dict):
            raise Refused("should be an object", "dict_type")
        return self.coder.decode(value)

    def check(self, value):
        return self.coder.encode(value)


def delivered(value):
    """A JSON value with a cog.Path in place of each file."""
    if isinstance(value, InputFile):
        return path_of(value)
    if isinstance(value, dict):
        return {key: delivered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [delivered(item) for item in value]
    return value
