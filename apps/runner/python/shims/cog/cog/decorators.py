"""Marks on a predictor's method. They change nothing in the call itself."""
import inspect


def streaming(function=None):
    """Says that the output is meant to be read while it comes. Here, every output that is yielded can be read so.
    Used as @streaming or @streaming()."""

    def mark(inner):
        inner.__cog_streaming__ = True
        return inner

    return mark if function is None else mark(function)


def concurrent(function=None, *, max=1):  # noqa: A002 - the name that predictors use
    """Says how many runs an asynchronous predictor takes at once. Raises TypeError for a predictor that is not
    asynchronous."""
    if isinstance(max, bool) or not isinstance(max, int):
        raise TypeError("concurrent: max must be an integer")
    if max < 1:
        raise ValueError("concurrent: max must be at least 1")

    def mark(inner):
        if max > 1 and not (inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner)):
            raise TypeError("concurrent: only an async function can take more than one run at once")
        inner.__cog_concurrent_max__ = max
        return inner

    if function is None:
        return mark
    if not callable(function):
        raise TypeError("concurrent is used as @concurrent or @concurrent(max=...)")
    return mark(function)
