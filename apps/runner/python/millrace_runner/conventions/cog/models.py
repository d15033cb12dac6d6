"""Kinds of structured outputs: Cog's own BaseModel, dataclasses, and models of the real pydantic. Made by
annotations.py."""
import collections.abc
import dataclasses
import sys

from cog._sdk import at_least
from cog.model import BaseModel, default_of

from .kinds import Kind, Refused


def is_pydantic(cls):
    """True when a class is a model of pydantic. Then pydantic is loaded already."""
    base = getattr(sys.modules.get("pydantic"), "BaseModel", None)
    return isinstance(base, type) and isinstance(cls, type) and issubclass(cls, base)


class _Model(Kind):
    def __init__(self, cls, fields):
        self.cls = cls
        self.fields = fields

    def schema(self):
        properties = {name: dict(kind.schema(), title=title_of(name)) for name, kind in self.fields.items()}
        required = [name for name, kind in self.fields.items() if not self._may_lack(name, kind)]
        schema = {"type": "object", "properties": properties}
        return dict(schema, required=required) if required else schema

    def _may_lack(self, name, kind):
        """True when an output may lack the field, because it has a default or its type takes None."""
        return _has_default(self.cls, name) or _may_be_none(kind)

    def is_exact(self, value):
        return isinstance(value, self.cls)


class DataModel(_Model):
    """`fields`: kinds by name. The model's values are checked against them."""

    def check(self, value):
        if isinstance(value, self.cls):
            given = {name: getattr(value, name) for name in self.fields if hasattr(value, name)}
        elif isinstance(value, collections.abc.Mapping):
            given = value
        else:
            raise Refused("should be an instance of %s" % self.cls.__name__, "model_type")
        checked, refused = {}, None
        for name, kind in self.fields.items():
            try:
                if name in given or _may_be_none(kind):
                    checked[name] = kind.check(given.get(name))
                elif not _has_default(self.cls, name):
                    raise Refused("is missing", "missing")
            except Refused as error:
                refused = Refused.at(name, error, refused)
        if refused is not None:
            raise refused
        return checked


class PydanticModel(_Model):
    """Pydantic checked the types of the values when the model was made."""

    def check(self, value):
        if isinstance(value, self.cls):
            return self._dumped(value)
        if not isinstance(value, collections.abc.Mapping):
            raise Refused("should be an instance of %s" % self.cls.__name__, "model_type")
        try:
            make = self.cls.model_validate if hasattr(self.cls, "model_validate") else self.cls.parse_obj
            return self._dumped(make(value))
        except ValueError as error:
            # The error's text repeats values; the names of the fields are enough.
            faults = error.errors() if hasattr(error, "errors") else []
            names = sorted({str(fault["loc"][0]) for fault in faults if fault["loc"]})
            raise Refused("should be a %s; see %s" % (self.cls.__name__, ", ".join(names)), "model_type") from None


    def _dumped(self, value):
        """As pydantic writes it, except for open files: pydantic would read them as lists of lines."""
        open_files = {name for name in self.fields if _holds_stream(getattr(value, name, None))}
        if not open_files and at_least(0, 17):
            return value
        is_second = hasattr(value, "model_dump")
        # Up to 0.16 Cog left out fields that were not set. From 0.10 on it did so for the second pydantic only.
        options = {"exclude_unset": True} if not at_least(0, 17) and (is_second or not at_least(0, 10)) else {}
        dump = value.model_dump if is_second else value.dict
        checked = {name: self.fields[name].check(getattr(value, name)) for name in open_files}
        return dict(dump(exclude=open_files, **options), **checked)


def _holds_stream(value):
    if isinstance(value, collections.abc.Mapping):
        return any(map(_holds_stream, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_holds_stream, value))
    if is_pydantic(type(value)):
        return any(_holds_stream(getattr(value, name, None)) for name in type(value).__annotations__)
    return hasattr(value, "read") and hasattr(value, "seekable")


def _has_default(cls, name):
    """For classes of Cog, dataclasses and models of both generations of pydantic."""
    if issubclass(cls, BaseModel):
        return default_of(cls, name, None)[0]
    field = (getattr(cls, "model_fields", None) or getattr(cls, "__fields__", None) or {}).get(name)
    if field is not None and hasattr(field, "is_required"):
        return not field.is_required()
    if field is not None and hasattr(field, "required"):
        return not field.required
    if dataclasses.is_dataclass(cls):
        fields = {field.name: field for field in dataclasses.fields(cls)}
        found = fields.get(name)
        return found is not None and (found.default, found.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)
    return False


def _may_be_none(kind):
    try:
        kind.check(None)
    except Refused:
        return False
    return True


def title_of(name):
    return name.replace("_", " ").title()
