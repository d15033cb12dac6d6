"""`Input()`: what a predictor's author says about a parameter."""


class FieldInfo:
    """What `Input()` was given. `default` is `...` when there is none."""

    def __init__(self, **given):
        self.__dict__.update(given)

    def __repr__(self):
        # Without the default: it may be a secret's.
        return "FieldInfo(description=%r)" % (self.description,)


def Input(  # noqa: N802 - the name that predictors use
    default=...,
    *,
    default_factory=None,
    description=None,
    ge=None,
    le=None,
    min_length=None,
    max_length=None,
    regex=None,
    choices=None,
    deprecated=None,
    accept=None,
):
    """The default of a parameter that says more than a default. `ge`, `le`: bounds of a number; `min_length`,
    `max_length` (characters), `regex`: of a text; `choices`: the only values there are; in a list they hold for its
    items. `accept`: media types or extensions that a file should have, for forms. Raises TypeError for a
    default_factory."""
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
