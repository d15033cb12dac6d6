"""Turns the annotations of a predictor into kinds, for its inputs and its output. Called by inputs.py and
outputs.py."""
import collections.abc
import dataclasses
import enum
import pathlib
import types
import typing

from cog.coder import Coder
from cog.model import BaseModel, fields_of
from cog.opaque import Opaque
from cog.types import AsyncConcatenateIterator, ConcatenateIterator, File, Path, Secret

from .containers import Anything, Coded, FilePath, Mapping, Sequence, Union
from .models import DataModel, PydanticModel, is_pydantic
from .scalars import Flag, Null, Number, OneOf, SecretText, Text

SUPPORTED = "str, int, float, bool, cog.File, cog.Path, cog.Secret, dict, Any; Optional, Union, List, Literal of them"
# Since Python 3.10, `int | str` has a type of its own.
_UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))
_SCALARS = {
    str: Text,
    int: lambda: Number(whole=True),
    float: lambda: Number(whole=False),
    bool: Flag,
    File: lambda: FilePath(opened=True),
    Path: FilePath,
    Secret: SecretText,
    typing.Any: Anything,
    type(None): Null,
    None: Null,
}
_ITERATORS = (collections.abc.Iterator, collections.abc.Generator, collections.abc.Iterable, ConcatenateIterator)
_ASYNC_ITERATORS = (
    collections.abc.AsyncIterator,
    collections.abc.AsyncGenerator,
    collections.abc.AsyncIterable,
    AsyncConcatenateIterator,
)


class Stream:
    """An output that comes in pieces. `item`: the kind of each."""

    def __init__(self, item, concatenate, is_async):
        self.item = item
        self.concatenate = concatenate
        self.is_async = is_async

    def schema(self):
        schema = {"type": "array", "items": self.item.schema(), "x-cog-array-type": "iterator"}
        return dict(schema, **{"x-cog-array-display": "concatenate"}) if self.concatenate else schema


def input_kind(annotation, name):
    """The kind of a parameter. Raises TypeError for a type that Cog does not take."""
    kind = _common(annotation, lambda inner: input_kind(inner, name))
    if kind is not None:
        return kind
    shown = getattr(annotation, "__name__", None) or str(annotation)
    raise TypeError("Unsupported input type %s for parameter `%s`. Supported are: %s." % (shown, name, SUPPORTED))


def output_kind(annotation):
    """The kind, or the Stream, of a return annotation. An unknown annotation may be anything."""
    origin = typing.get_origin(annotation) or annotation
    streams_async = origin in _ASYNC_ITERATORS
    if streams_async or origin in _ITERATORS:
        item, *_ = typing.get_args(annotation) or (typing.Any,)
        item = str if isinstance(item, typing.TypeVar) else item
        return Stream(_given(item, ()), origin in (ConcatenateIterator, AsyncConcatenateIterator), streams_async)
    return _given(annotation, ())


def _given(annotation, above):
    """`above`: the models in which this annotation stands."""
    def within(inner):
        return _given(inner, above)

    kind = _common(annotation, within)
    if kind is not None:
        return kind
    origin = typing.get_origin(annotation) or annotation
    if origin in (tuple, set, frozenset, collections.abc.Sequence):
        items = [item for item in typing.get_args(annotation) if item is not ...]
        return Sequence(within(items[0]) if len(items) == 1 else Anything())
    if not isinstance(origin, type) or annotation in above:
        return Anything()
    if issubclass(origin, pathlib.PurePath):
        return FilePath()
    if issubclass(origin, enum.Enum):
        return OneOf(list(origin))
    if issubclass(origin, BaseModel):
        return DataModel(annotation, _fields(fields_of(annotation), annotation, above))
    if dataclasses.is_dataclass(annotation):
        return DataModel(annotation, _fields(_hints(annotation), annotation, above))
    if is_pydantic(annotation):
        return PydanticModel(annotation, _fields(_hints(annotation), annotation, above))
    return Anything()


def _fields(hints, model, above):
    return {name: _given(hint, (*above, model)) for name, hint in hints.items()}


def _hints(cls):
    try:
        return typing.get_type_hints(cls, include_extras=True)
    except Exception:
        return {}


def _common(annotation, inside):
    """The kinds that inputs and outputs share; None for any other."""
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *marks = typing.get_args(annotation)
        return Anything() if Opaque in marks else inside(inner)
    if isinstance(annotation, collections.abc.Hashable) and annotation in _SCALARS:
        return _SCALARS[annotation]()
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in _UNIONS:
        return Union([inside(argument) for argument in arguments])
    if origin is typing.Literal:
        return OneOf(list(arguments))
    if annotation is list or origin is list:
        item = arguments[0] if arguments else typing.Any
        return Sequence(Anything() if isinstance(item, typing.TypeVar) else inside(item))
    is_typed_dict = getattr(annotation, "__total__", None) is not None
    if annotation is dict or origin in (dict, collections.abc.Mapping) or is_typed_dict:
        return Mapping()
    coder = Coder.lookup(annotation)
    return None if coder is None else Coded(coder)
