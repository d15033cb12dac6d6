"""The plain kinds of Cog: texts, numbers, flags, secrets, null, and values of a fixed choice. Made by
annotations.py."""
import re

from cog.types import Secret

from ...values.json_pattern import json_pattern
from ...values.number_text import FLOAT, WHOLE, number_text
from .kinds import Kind, Refused, listed, plain, widened

TRUE = frozenset(("1", "on", "t", "true", "y", "yes"))
FALSE = frozenset(("0", "off", "f", "false", "n", "no"))
# In small letters, capital letters and any mix of them.
FLAG_PATTERN = "^(?:%s)$" % "|".join(
    "".join("[%s%s]" % (char, char.upper()) if char.isalpha() else char for char in word) for word in sorted(TRUE | FALSE)
)


class Text(Kind):
    def __init__(self, min_length=None, max_length=None, regex=None, choices=None):
        self.min_length = min_length
        self.max_length = max_length
        self.regex = None if regex is None else re.compile(regex)
        self.choices = choices

    def schema(self):
        schema = {"type": "string", "minLength": self.min_length, "maxLength": self.max_length, "enum": self.choices}
        if self.regex is not None:
            schema["pattern"] = json_pattern(self.regex)
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
        if isinstance(value, (bytes, bytearray)):
            try:
                value = value.decode("utf-8")
            except UnicodeDecodeError:
                raise Refused("should be a text, and these bytes are no UTF-8", "string_unicode") from None
        return self.read(plain(value))


class Number(Kind):
    """`whole`: True for an int, False for a float."""

    def __init__(self, whole, ge=None, le=None, choices=None):
        self.whole = whole
        self.ge = ge
        self.le = le
        self.choices = choices

    def schema(self):
        kind = "integer" if self.whole else "number"
        schema = {"type": kind, "minimum": self.ge, "maximum": self.le, "enum": self.choices}
        return {key: value for key, value in schema.items() if value is not None}

    def input_schema(self):
        text = number_text(WHOLE if self.whole else FLOAT, choices=self.choices, minimum=self.ge, maximum=self.le)
        return widened(self.schema(), "string", "boolean", **text)

    def exact_schema(self):
        return self.schema()

    @property
    def takes_wider(self):
        return not self.whole

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
        # Among numbers, only 0 and 1 are allowed.
        return widened(self.schema(), "integer", "string", minimum=0, maximum=1, pattern=FLAG_PATTERN)

    def exact_schema(self):
        return self.schema()

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
    """Literal: only these values are allowed."""

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
