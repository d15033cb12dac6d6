"""`Input()`, by which a predictor's author describes a parameter."""
import dataclasses

_LIMITS = ("ge", "le", "min_length", "max_length")


class FieldInfo:
    """The arguments of `Input()`. `default` is `...` when there is none."""

    def __init__(self, **given):
        self.__dict__.update(given)

    def __repr__(self):
        # The default is left out, because it may be a secret.
        return "FieldInfo(description=%r)" % (self.description,)


def Input(  # noqa: N802 - the name that predictors use
    default=...,
    description=None,
    ge=None,
    le=None,
    min_length=None,
    max_length=None,
    regex=None,
    choices=None,
    deprecated=None,
    *,
    default_factory=None,
    accept=None,
):
    """Used in place of a parameter's default, to say more about it. `ge`, `le`: bounds of a number. `min_length`,
    `max_length` (characters), `regex`: for a text. `choices`: the only allowed values. In a list these apply to its
    items. Up to Cog 0.16 they could be given by position. `accept`: media types or extensions that a file should
    have, for forms. Raises TypeError for a default_factory."""
    if default_factory is not None:
        raise TypeError("Input() takes no default_factory; give a literal default, or make the value in predict()")
    return FieldInfo(
        default=default,
        description=description,
        ge=ge,
        le=le,
        min_length=min_length,
        max_length=max_length,
        regex=regex,
        choices=None if choices is None else list(choices),
        deprecated=deprecated,
        accept=accept,
    )


def info_of(given):
    """Turns any default of a parameter into a FieldInfo: Input(), pydantic's Field(), dataclasses' field(), or a
    plain value. The default is a dataclasses.Field when it is made anew for each run."""
    if isinstance(given, FieldInfo):
        return _settled(given)
    if isinstance(given, dataclasses.Field) or type(given).__name__ != "FieldInfo":
        return _settled(Input(default=given))
    # Both generations of pydantic are read. The second one keeps limits as marks.
    marks = [given, *getattr(given, "metadata", ())]
    said = {name: next(filter(_is_said, (getattr(mark, name, None) for mark in marks)), None) for name in _LIMITS}
    regex = next(filter(None, (getattr(mark, name, None) for mark in marks for name in ("pattern", "regex"))), None)
    factory = given.default_factory
    default = dataclasses.field(default_factory=factory) if callable(factory) else given.default
    has_none = type(default).__name__ in ("PydanticUndefinedType", "UndefinedType")
    return Input(default=... if has_none else default, description=given.description, regex=regex, **said)


def _is_said(value):
    return value is not None


def _settled(info):
    """Replaces a field() of dataclasses, given as the default, by the default in it."""
    field = info.default
    if not isinstance(field, dataclasses.Field) or field.default_factory is not dataclasses.MISSING:
        return info
    default = ... if field.default is dataclasses.MISSING else field.default
    return FieldInfo(**dict(vars(info), default=default))
