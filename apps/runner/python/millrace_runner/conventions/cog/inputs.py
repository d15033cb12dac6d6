"""The parameters of a predictor: their JSON Schema, and the arguments of one run. Called by run_cog.py and setup.py."""
import copy
import dataclasses
import difflib
import inspect
import typing

from cog._sdk import at_least
from cog.input import FieldInfo, info_of

from ...errors import InvalidInput, SetupError
from ...host.host_pipe import to_json
from .annotations import input_kind
from .containers import Anything, Sequence, Union, delivered
from .kinds import Refused, nullable, plain
from .models import title_of
from .scalars import Null, Number, OneOf, Text

# Details of a refusal are at most 4 KB: the worker leaves larger ones out.
FAULTS = 20
DETAIL_BYTES = 3500
# Of inputs that the model does not have, so many are named, each with so much of its name.
UNKNOWN = 10
NAME_CHARS = 100


class Inputs:
    """The inputs of `function`, a method or a function as it was declared. Raises TypeError for a signature that Cog
    does not take."""

    def __init__(self, function, batched=False):
        """`batched`: each parameter is a list with the values of several runs. Here is what one of them gives."""
        hints = hints_of(function)
        self.parameters = []
        self.takes_more = False
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                raise TypeError("Unsupported variadic positional parameter *%s." % name)
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                if self.parameters or batched:
                    raise TypeError("Unsupported variadic keyword parameter **%s." % name)
                self.takes_more = True
            else:
                self.parameters.append(_Parameter(parameter, hints, len(self.parameters), batched))

    def schema(self):
        """Allows unknown keys, as Cog does."""
        schema = {
            "type": "object",
            "properties": {parameter.name: parameter.schema() for parameter in self.parameters},
            "additionalProperties": True,
        }
        required = [parameter.name for parameter in self.parameters if parameter.required]
        return dict(schema, required=required) if required else schema

    def arguments(self, run):
        """The arguments by name. Raises InvalidInput that lists every fault, with `details` as Cog has them."""
        given = {} if run.input is None else run.input
        if not isinstance(given, dict):
            raise InvalidInput("the input is no object")
        if self.takes_more:
            return delivered(given)
        arguments, faults = {}, []
        for parameter in self.parameters:
            try:
                arguments[parameter.name] = parameter.read(given)
            except Refused as error:
                faults += Refused.at(parameter.name, error).faults
        if faults:
            raise refusal(faults)
        self._warn_of_unknown(given, run)
        return arguments

    def _warn_of_unknown(self, given, run):
        """Cog drops inputs that the model does not have; a misspelled one would be its default without a word. Names
        only: a value may be a secret."""
        known = [parameter.name for parameter in self.parameters]
        unknown = [name for name in given if name not in known]
        for name in unknown[:UNKNOWN]:
            near = difflib.get_close_matches(name[:NAME_CHARS], known, 1)
            hint = "; did you mean %s?" % near[0] if near else ""
            run.log("the model has no input %s, so it was ignored%s" % (to_json(name[:NAME_CHARS]), hint), "warn")
        if len(unknown) > UNKNOWN:
            run.log("%d more inputs that the model does not have were ignored" % (len(unknown) - UNKNOWN), "warn")


class _Parameter:
    def __init__(self, parameter, hints, order, batched):
        self.name = parameter.name
        self.order = order
        annotation = hints.get(self.name, parameter.annotation)
        if annotation is inspect.Parameter.empty:
            raise TypeError("No input type provided for parameter `%s`; write `%s: str`" % (self.name, self.name))
        given = parameter.default
        if given is inspect.Parameter.empty:
            given = ...
        self.info = info_of(given)
        self.kind = limited(input_kind(annotation, self.name), self.info, self.name)
        self.default = self.info.default
        if batched:
            self.kind = item_of(self.kind, "each parameter of predict() is a list; write `%s: list[str]`" % self.name)
            self.default = _default_of_item(self.default)
        if self.default is ... and _takes_none(self.kind) and _may_be_left_out(given):
            self.default = None
        self.required = self.default is ...

    def read(self, given):
        if self.name in given:
            value = given[self.name]
            # When the default is None, null is allowed too.
            return None if value is None and self.default is None else self.kind.read(value)
        if self.required:
            raise Refused("Field required", "missing")
        if isinstance(self.default, dataclasses.Field):
            return self.default.default_factory()
        return copy.deepcopy(self.default) if isinstance(self.default, (list, dict)) else plain_default(self.default)

    def schema(self):
        schema = self.kind.input_schema()
        if self.default is None and not _takes_none(self.kind):
            schema = nullable(schema)
        said = {
            "title": title_of(self.name),
            "description": self.info.description,
            "deprecated": self.info.deprecated,
            "x-cog-accept": self.info.accept,
            "x-order": self.order,
        }
        schema = dict(schema, **{key: value for key, value in said.items() if value is not None})
        return dict(schema, default=plain_default(self.default)) if self._shows_default() else schema

    def _shows_default(self):
        """A validator fills the default in and then checks it against the schema; Cog does not check it. So a
        default that would not pass is left out of the schema and filled in only here. The default of a file or a
        secret is never shown."""
        if self.default is None or self.required:
            return False
        try:
            value = plain_default(self.default)
            to_json(value)
            return self.kind.read(value) == value
        except (Refused, TypeError, ValueError):
            return False


def item_of(kind, rule):
    """What a list holds, of a model that takes several runs in one call. Raises SetupError, with that rule."""
    if not isinstance(kind, Sequence):
        raise SetupError("with `batch` in millrace.yaml, %s" % rule)
    return kind.item


def _default_of_item(default):
    """A default that is a list, as Cog itself wants it for a list, holds that of one run."""
    if isinstance(default, dataclasses.Field):
        default = default.default_factory()
    return default[0] if isinstance(default, list) and len(default) == 1 else default


def _may_be_left_out(given):
    """True when an optional parameter without a default is None if it is left out. Up to Cog 0.16 it had to be
    given, and from 0.14 on only one without Input()."""
    return at_least(0, 17) or at_least(0, 14) and isinstance(given, FieldInfo)


def plain_default(value):
    return plain(value) if not isinstance(value, (list, dict)) else value


def _takes_none(kind):
    return any(isinstance(member, Null) for member in (kind.members if isinstance(kind, Union) else [kind]))


def limited(kind, info, name):
    """The kind with the limits from Input(). For a list they apply to its items."""
    if isinstance(kind, Sequence):
        return Sequence(limited(kind.item, info, name))
    if isinstance(kind, Union):
        return Union([member if isinstance(member, Null) else limited(member, info, name) for member in kind.members])
    choices = None if info.choices is None else [plain(choice) for choice in info.choices]
    if isinstance(kind, Text):
        return Text(info.min_length, info.max_length, info.regex, choices)
    if isinstance(kind, Number) and (kind.whole or choices is None):
        return Number(kind.whole, info.ge, info.le, choices)
    if choices is not None and not isinstance(kind, (Anything, OneOf)):
        raise TypeError("The input %s uses the option choices, which only str and int types can have." % name)
    return kind


def refusal(faults):
    """An InvalidInput made of faults (where, what, code)."""
    errors = []
    for where, message, code in faults[:FAULTS]:
        errors.append({"loc": ["body", "input", *where], "msg": message[:200], "type": code})
        if len(to_json(errors).encode("utf-8")) > DETAIL_BYTES:
            errors.pop()
            break
    words = ["%s: %s" % (".".join(map(str, where)), message) for where, message, _code in faults[:FAULTS]]
    return InvalidInput("; ".join(words), {"errors": errors})


def hints_of(function):
    """The annotations, including those written as text. Raises TypeError when a name in them is not known."""
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise TypeError("the annotations of %s cannot be resolved: %s" % (function.__name__, error)) from error
