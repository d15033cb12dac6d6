"""What every kind of Cog's inputs and outputs can do: describe itself as JSON Schema, read an input, check an output.
Reading follows Cog's own rules, which take some values for others: "3" for an int, "yes" for a bool. Extended by
scalars.py, containers.py and models.py."""
import enum


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

    def exact_schema(self):
        """What may be sent for it where nothing is taken for another: as a member of a union."""
        return self.input_schema()

    def is_exact(self, value):
        """Whether a value is of this kind without being taken for another; decides which member of a union reads it."""
        return True

    @property
    def takes_wider(self):
        """Whether it takes exact values of a narrower kind: those are asked first."""
        return False

    def read(self, value):
        """The Python value of a JSON value, in which InputFiles stand. Raises Refused."""
        return value

    def check(self, value):
        """What the model gave, fit for encode_output. Raises Refused."""
        return value


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


def plain(value):
    """A scalar or an array of the libraries that models use, as Python has it."""
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
    """A schema that takes these JSON types as well, if they are as the keywords say."""
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
