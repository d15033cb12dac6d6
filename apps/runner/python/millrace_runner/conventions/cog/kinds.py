"""The methods of every kind of Cog's inputs and outputs: describe itself as JSON Schema, read an input, check an
output. Reading follows Cog's own rules, which convert some values: "3" to an int, "yes" to a bool. Extended by
scalars.py, containers.py and models.py."""
import enum


class Refused(Exception):
    """A value that does not fit. `faults`: pairs of where (a tuple of keys and indexes), what, and a short code. It
    never holds the value."""

    def __init__(self, message, code, where=()):
        super().__init__(message)
        self.faults = [(where, message, code)]

    @staticmethod
    def at(key, error, others=None):
        """The same faults, one step deeper. They are added to `others` when there are some."""
        moved = [((key, *where), message, code) for where, message, code in error.faults]
        if others is not None:
            others.faults += moved
            return others
        error.faults = moved
        return error


class Kind:
    """The kind that takes anything."""

    def schema(self):
        """The schema of a value of this kind."""
        return {}

    def input_schema(self):
        """The schema of values that may be sent for it. It allows everything that `read` takes."""
        return self.schema()

    def exact_schema(self):
        """The schema of values that may be sent for it without conversion, as a member of a union."""
        return self.input_schema()

    def is_exact(self, value):
        """True when a value is of this kind without conversion. It decides which member of a union reads the value."""
        return True

    @property
    def takes_wider(self):
        """True when it also takes exact values of a narrower kind. Those kinds are asked first."""
        return False

    def read(self, value):
        """The Python value for a JSON value in which InputFiles stand. Raises Refused."""
        return value

    def check(self, value):
        """The model's value, made fit for encode_output. Raises Refused."""
        return value


def each(pairs, act):
    """Calls `act` on each value of (key, value). Raises the faults of all of them together."""
    done, refused = [], None
    for key, value in pairs:
        try:
            done.append(act(value))
        except Refused as error:
            refused = Refused.at(key, error, refused)
    if refused is not None:
        raise refused
    return done


def plain(value):
    """The plain Python value of a scalar or an array of the libraries that models use."""
    if isinstance(value, enum.Enum):
        return value.value
    if not isinstance(value, (str, int, float, bool, list, dict)) and callable(getattr(value, "tolist", None)):
        return value.tolist()
    return value


def listed(values):
    """`'a', 'b' or 'c'`"""
    words = [repr(value) for value in values]
    return words[0] if len(words) == 1 else "%s or %s" % (", ".join(words[:-1]), words[-1])


def widened(schema, *types, **keywords):
    """A schema that also takes these JSON types, if they fit the keywords."""
    if "enum" in schema:
        return {"anyOf": [schema, dict(keywords, type=list(types))]}
    return dict(schema, type=[schema["type"], *types], **keywords)


def nullable(schema):
    if schema == {}:
        return schema
    if "type" not in schema or "enum" in schema or schema.get("format") == "file":
        members = schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
        return {"anyOf": [*members, {"type": "null"}]}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return dict(schema, type=[*types, "null"])
