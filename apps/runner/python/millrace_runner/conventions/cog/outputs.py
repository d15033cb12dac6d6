"""The output of a predictor: its JSON Schema, and the check of a value against the return annotation. Called by
run_cog.py."""
import collections.abc
import inspect

from ...errors import InvalidOutput
from .annotations import Stream, output_kind
from .containers import Anything, Sequence
from .inputs import hints_of, item_of
from .kinds import Refused


class Output:
    """The output of `function`. Without a return annotation it may be anything."""

    def __init__(self, function, batched=False):
        """`batched`: the function gives a list with the outputs of several runs. Here is what one of them is."""
        hints = hints_of(function)
        self.kind = output_kind(hints["return"]) if "return" in hints else Anything()
        if batched and not isinstance(self.kind, Anything):
            self.kind = item_of(self.kind, "predict() gives a list; write `-> list[str]`")

    @property
    def streams(self):
        return isinstance(self.kind, Stream)

    def schema(self):
        return self.kind.schema()

    def whole(self, value):
        """Raises InvalidOutput when the value does not fit the annotation. None fits every predictor: no version of
        Cog checks it."""
        return None if value is None else self._held(self.kind, value)

    def pieces(self, value):
        """The iterator when the value comes in pieces, else None."""
        if isinstance(value, collections.abc.Iterator) and not hasattr(value, "read"):
            return value
        is_one = isinstance(value, (str, bytes, collections.abc.Mapping))
        is_list = isinstance(value, collections.abc.Iterable) and not is_one
        if self.streams and not self.kind.is_async:
            if is_list:
                return iter(value)
            raise InvalidOutput("the output should come in pieces, but is a %s" % type(value).__name__)
        return None

    def async_pieces(self, value):
        """The asynchronous iterator when the value comes in pieces in that way, else None."""
        if isinstance(value, collections.abc.AsyncIterator):
            return value
        return value.__aiter__() if isinstance(value, collections.abc.AsyncIterable) else None

    def piece(self, value):
        """Checks one piece. Raises InvalidOutput."""
        if isinstance(self.kind, (Stream, Sequence)):
            return self._held(self.kind.item, value)
        if isinstance(self.kind, Anything):
            return value
        raise InvalidOutput("the output came in pieces, but is not annotated as an iterator")

    @staticmethod
    def _held(kind, value):
        try:
            return kind.check(value)
        except Refused as error:
            where, message, _code = error.faults[0]
            raise InvalidOutput("%s: %s" % ("".join("/%s" % step for step in where) or "the output", message)) from None


def is_async(function):
    """True when a predictor's function must be awaited or iterated asynchronously."""
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
