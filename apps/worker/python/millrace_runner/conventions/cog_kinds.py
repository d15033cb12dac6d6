"""The types of Cog's inputs and outputs. Each kind can describe itself as JSON Schema, read an input and check an output.
What is read follows Cog's own rules, which take some values for others: "3" for an int, "yes" for a bool."""
import collections.abc
import enum
import io
import os
import re
import urllib.request

from cog.types import Path, Secret

from ..input_file import InputFile
from ..output_file import OutputFile
from .cog_files import open_file, path_of
from .cog_pattern import portable_pattern

TRUE = frozenset(("1", "on", "t", "true", "y", "yes"))
FALSE = frozenset(("0", "off", "f", "false", "n", "no"))


class Refused(Exception):
    """A value that does not fit. `faults`: pairs of where (a tuple of keys and indexes), what, and a short code. Never
    holds the value."""

    def __init__(self, message, code, where=()):
        super().__init__(message)
        self.faults = [(where, message, code)]

    @staticmethod
    def at(key, error, others=None):
        """The same faults, one step further in; added to `others`, if there are."""
        moved = [((key, *where), message, code) for where, message, code in error.faults]
        if others is not None:
            others.faults += moved
            return others
        error.faults = moved
        return error


class Kind:
    """Anything at all."""

    def schema(self):
        """What a value of this kind is as JSON."""
        return {}

    def input_schema(self):
        """What may be sent for it: never less than `read` takes."""
        return self.schema()

    def is_exact(self, value):
        """Whether a value is of this kind without being taken for another; decides which member of a union reads it."""
        return True

    def read(self, value):
        """The Python value of a JSON value, in which InputFiles stand. Raises Refused."""
        return value

    def check(self, value):
        """What the model gave, fit for encode_output. Raises Refused."""
        return value


class Anything(Kind):
    def read(self, value):
        return delivered(value)


class Text(Kind):
    def __init__(self, min_length=None, max_length=None, regex=None, choices=None):
        self.min_length = min_length
        self.max_length = max_length
        self.regex = None if regex is None else re.compile(regex)
        self.choices = choices

    def schema(self):
        schema = {"type": "string", "minLength": self.min_length, "maxLength": self.max_length, "enum": self.choices}
        if self.regex is not None:
            schema["pattern"] = portable_pattern(self.regex.pattern)
            schema["x-regex"] = self.regex.pattern if schema["pattern"] is None else None
        return {key: value for key, value in schema.items() if value is not None}

    def is_exact(self, value):
        return isinstance(value, str)

    def read(self, value):
        if not isinstance(value, str):
            raise Refused("should be a text", "string_type")
        if self.min_length is not None and len(value) < self.min_length:
            raise Refused("should have at least %d characters" % self.min_length, "string_too_short")
        if self.max_length is not None and len(value) > self.max_length:
            raise Refused("should have at most %d characters" % self.max_length, "string_too_long")
        if self.regex is not None and not self.regex.search(value):
            raise Refused("should match the pattern %s" % self.regex.pattern, "string_pattern_mismatch")
        return chosen(value, self.choices)

    def check(self, value):
        return self.read(plain(value))


class Number(Kind):
    """`whole`: an int, else a float."""

    def __init__(self, whole, ge=None, le=None, choices=None):
        self.whole = whole
        self.ge = ge
        self.le = le
        self.choices = choices

    def schema(self):
        schema = {"type": "integer" if self.whole else "number", "minimum": self.ge, "maximum": self.le, "enum": self.choices}
        return {key: value for key, value in schema.items() if value is not None}

    def input_schema(self):
        return widened(self.schema(), "string", "boolean")

    def is_exact(self, value):
        if isinstance(value, bool):
            return False
        return isinstance(value, int) or not self.whole and isinstance(value, float)

    def read(self, value):
        number = whole_of(value) if self.whole else float_of(value)
        if self.ge is not None and not number >= self.ge:
            raise Refused("should be greater than or equal to %s" % self.ge, "greater_than_equal")
        if self.le is not None and not number <= self.le:
            raise Refused("should be less than or equal to %s" % self.le, "less_than_equal")
        return chosen(number, self.choices)

    def check(self, value):
        return self.read(plain(value))


class Flag(Kind):
    def schema(self):
        return {"type": "boolean"}

    def input_schema(self):
        return widened(self.schema(), "integer", "string")

    def is_exact(self, value):
        return isinstance(value, bool)

    def read(self, value):
        if isinstance(value, bool):
            return value
        if isinstance(value, (int, float)) and value in (0, 1):
            return bool(value)
        if isinstance(value, str) and value.lower() in TRUE | FALSE:
            return value.lower() in TRUE
        raise Refused("should be true or false", "bool_parsing" if isinstance(value, str) else "bool_type")

    def check(self, value):
        return self.read(plain(value))


class FilePath(Kind):
    """`opened`: the model gets an open file (cog.File), else a cog.Path."""

    def __init__(self, opened=False):
        self.opened = opened

    def schema(self):
        # In an output it is described by an object.
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


class SecretText(Kind):
    def schema(self):
        return {"type": "string", "format": "password", "writeOnly": True, "x-cog-secret": True}

    def is_exact(self, value):
        return isinstance(value, str)

    def read(self, value):
        if not isinstance(value, str):
            raise Refused("should be a text", "string_type")
        return Secret(value)

    def check(self, value):
        if not isinstance(value, Secret):
            raise Refused("should be a cog.Secret", "value_error")
        return str(value)


class Null(Kind):
    def schema(self):
        return {"type": "null"}

    def is_exact(self, value):
        return value is None

    def read(self, value):
        if value is not None:
            raise Refused("should be null", "none_required")
        return None

    def check(self, value):
        return self.read(value)


class OneOf(Kind):
    """Literal: these values and no others."""

    def __init__(self, values):
        self.values = values

    def schema(self):
        return {"enum": [plain(value) for value in self.values]}

    def is_exact(self, value):
        return any(type(plain(one)) is type(value) and plain(one) == value for one in self.values)

    def read(self, value):
        if not self.is_exact(value):
            raise Refused("should be %s" % listed([plain(one) for one in self.values]), "literal_error")
        return value

    def check(self, value):
        return self.read(plain(value))


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
        if not isinstance(value, collections.abc.Mapping) and not hasattr(value, "__dict__") and not hasattr(value, "_asdict"):
            raise Refused("should be an object", "dict_type")
        return value


class Sequence(Kind):
    def __init__(self, item):
        self.item = item

    def schema(self):
        return {"type": "array", "items": self.item.schema()}

    def input_schema(self):
        return {"type": "array", "items": self.item.input_schema()}

    def is_exact(self, value):
        return isinstance(value, list)

    def read(self, value):
        if not isinstance(value, list):
            raise Refused("should be a list", "list_type")
        return each(enumerate(value), self.item.read)

    def check(self, value):
        value = plain(value)
        if not isinstance(value, (list, tuple, collections.abc.Set, collections.deque)):
            raise Refused("should be a list", "list_type")
        return each(enumerate(value), self.item.check)


class Union(Kind):
    def __init__(self, members):
        self.members = members

    def schema(self):
        return self._any_of([member.schema() for member in self.members])

    def input_schema(self):
        return self._any_of([member.input_schema() for member in self.members])

    def is_exact(self, value):
        return any(member.is_exact(value) for member in self.members)

    def read(self, value):
        return self._first("read", value)

    def check(self, value):
        return self._first("check", value)

    def _first(self, method, value):
        likely = [member for member in self.members if member.is_exact(plain(value))]
        first = None
        for member in [*likely, *self.members]:
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
        # A file first: whoever validates takes the first that fits, and a text fits much.
        return {"anyOf": sorted(rest, key=lambda schema: schema.get("format") != "file") + [null] * (null in schemas)}


class Coded(Kind):
    """A type that the model brings its own Coder for."""

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


def each(pairs, act):
    """`act` on each value of (key, value), with the faults of all of them told together."""
    done, refused = [], None
    for key, value in pairs:
        try:
            done.append(act(value))
        except Refused as error:
            refused = Refused.at(key, error, refused)
    if refused is not None:
        raise refused
    return done


def delivered(value):
    """A JSON value with a cog.Path in place of each file."""
    if isinstance(value, InputFile):
        return path_of(value)
    if isinstance(value, dict):
        return {key: delivered(item) for key, item in value.items()}
    if isinstance(value, list):
        return [delivered(item) for item in value]
    return value


def plain(value):
    """A scalar or an array of the libraries that models use, as Python has it."""
    if isinstance(value, enum.Enum):
        return value.value
    if not isinstance(value, (str, int, float, bool, list, dict)) and callable(getattr(value, "tolist", None)):
        return value.tolist()
    return value


def whole_of(value):
    try:
        if isinstance(value, str):
            text = value.strip()
            value = int(text) if "." not in text else float(text)
        if isinstance(value, (int, float)) and int(value) == value:
            return int(value)
    except (ValueError, OverflowError):
        raise Refused("should be an integer", "int_parsing") from None
    raise Refused("should be an integer", "int_from_float" if isinstance(value, float) else "int_type")


def float_of(value):
    try:
        if isinstance(value, (int, float, str)):
            return float(value)
    except (ValueError, OverflowError):
        raise Refused("should be a number", "float_parsing") from None
    raise Refused("should be a number", "float_type")


def chosen(value, choices):
    if choices is not None and value not in choices:
        raise Refused("should be %s" % listed(choices), "enum")
    return value


def listed(values):
    """`'a', 'b' or 'c'`"""
    words = [repr(value) for value in values]
    return words[0] if len(words) == 1 else "%s or %s" % (", ".join(words[:-1]), words[-1])


def widened(schema, *types):
    """A schema that takes these JSON types as well; what they must be like is left to `read`."""
    if "enum" in schema:
        return {"anyOf": [schema, {"type": list(types)}]}
    return dict(schema, type=[schema["type"], *types])


def nullable(schema):
    if schema == {}:
        return schema
    if "type" not in schema or "enum" in schema or schema.get("format") == "file":
        return {"anyOf": [*schema["anyOf"], {"type": "null"}] if set(schema) == {"anyOf"} else [schema, {"type": "null"}]}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return dict(schema, type=[*types, "null"])
