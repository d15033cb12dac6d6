"""`BaseModel`: a structured output. It takes everything that its two generations took: pydantic's and the
dataclass's."""
import copy
import dataclasses
import json
import typing

from .pydantic_hooks import PydanticField


class BaseModel(PydanticField):
    """Its fields are the annotations of the class and of the classes above it. A field may be left out when it has a
    default or its type allows None. Extra keywords are ignored. A subclass is a dataclass, so that `dataclasses`
    knows it; with `auto_dataclass=False` its author does that."""

    def __init_subclass__(cls, auto_dataclass=True, init=True, **_options):
        super().__init_subclass__()
        if auto_dataclass:
            try:
                # The methods here take more than those of a dataclass: extra keywords, and defaults in any order.
                dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
            except (TypeError, ValueError):
                # A default that pydantic took but a dataclass refuses, such as a list.
                pass

    def __init__(self, *args, **kwargs):
        """Takes fields by keyword, or by position in their order. Raises TypeError for a missing field."""
        hints = fields_of(type(self))
        if len(args) > len(hints):
            raise TypeError("%s has %d fields, but %d values were given" % (type(self).__name__, len(hints), len(args)))
        given = dict(zip(hints, args), **kwargs)
        missing = []
        for name, annotation in hints.items():
            if name in given:
                setattr(self, name, given[name])
            else:
                has_default, value = default_of(type(self), name, annotation)
                if has_default:
                    setattr(self, name, value)
                else:
                    missing.append(name)
        if missing:
            raise TypeError("%s is missing %s" % (type(self).__name__, ", ".join(missing)))
        after = getattr(self, "__post_init__", None)
        if after is not None:
            after()

    def model_dump(self, **_options):
        """Returns plain dicts and lists. Other values stay as they are."""
        return {name: _dumped(getattr(self, name, None)) for name in fields_of(type(self))}

    def dict(self, **options):
        return self.model_dump(**options)

    def model_dump_json(self, **_options):
        return json.dumps(self.model_dump(), default=str)

    def json(self, **options):
        return self.model_dump_json(**options)

    def __eq__(self, other):
        return type(other) is type(self) and other.model_dump() == self.model_dump()

    __hash__ = None

    def __repr__(self):
        fields = ", ".join("%s=%r" % (name, getattr(self, name, None)) for name in fields_of(type(self)))
        return "%s(%s)" % (type(self).__name__, fields)


def fields_of(cls):
    """The annotations by name, those of the topmost class first. They are resolved where that is possible."""
    if "__cog_fields__" in cls.__dict__:
        return cls.__cog_fields__
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
        resolved = True
    except Exception:
        # A name in them is not defined yet, so it is tried again next time.
        hints = {name: hint for base in reversed(cls.__mro__) for name, hint in _own_annotations(base).items()}
        resolved = False
    fields = {
        name: hint
        for name, hint in hints.items()
        if not name.startswith("_") and typing.get_origin(hint) is not typing.ClassVar and hint is not typing.ClassVar
    }
    if resolved:
        cls.__cog_fields__ = fields
    return fields


def default_of(cls, name, annotation):
    """Whether there is a default, and a fresh copy of it. Reads the Field() of dataclasses and of pydantic."""
    # dataclass() removes a field() with a factory from the class.
    value = getattr(cls, name, getattr(cls, "__dataclass_fields__", {}).get(name, dataclasses.MISSING))
    if type(value).__name__ in ("Field", "FieldInfo"):
        factory = getattr(value, "default_factory", None)
        if callable(factory):
            return True, factory()
        value = getattr(value, "default", dataclasses.MISSING)
    is_none = value is ... or value is dataclasses.MISSING or type(value).__name__ == "PydanticUndefinedType"
    if not is_none:
        return True, copy.deepcopy(value)
    return type(None) in typing.get_args(annotation), None


def _own_annotations(cls):
    return getattr(cls, "__annotations__", {}) if cls not in (object, BaseModel, PydanticField) else {}


def _dumped(value):
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, (list, tuple)):
        return [_dumped(item) for item in value]
    if isinstance(value, dict):
        return {key: _dumped(item) for key, item in value.items()}
    return value
