"""The notes that a predictor may make about its present run. Outside of a run every note is dropped."""
import json
import re
import warnings

from millrace_runner.current import current_run
from millrace_runner.runs.checkpoints import OFF

_SEGMENT = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?=[A-Za-z0-9]))*\Z")
_MAX_NAME = 128
_MAX_SEGMENTS = 4


def current_scope():
    """The scope of the run to which the calling code belongs. Never None."""
    return Scope(current_run())


def emit_metric(name, value):
    """The older way to note a metric."""
    warnings.warn("emit_metric is deprecated; use current_scope().record_metric", DeprecationWarning, stacklevel=2)
    current_scope().record_metric(name, value)


class Scope:
    """`metrics`: the notes so far. `context`: data that came with the request besides its input; always empty here."""

    def __init__(self, run):
        self._run = run
        self.metrics = Metrics({} if run is None else run.metrics)
        self.context = {}

    def progress(self, fraction, message=None):
        """The share of the work that is done, from 0 to 1, and a few words. Cog itself has no such method."""
        if self._run is not None:
            self._run.progress(fraction, message)

    def checkpoint(self, state, files=None):
        """Keeps what the run has come to, for the next attempt at the job. As `checkpoint` of the package millrace."""
        return OFF if self._run is None else self._run.checkpoint(state, files)

    @property
    def resumed(self):
        """What an earlier attempt had come to: `state`, and `files` as paths by their names. None: it begins anew."""
        return None if self._run is None else self._run.resumed

    @property
    def draining(self):
        """True when the worker is about to stop: the run ends with its next checkpoint, and goes on elsewhere."""
        return self._run is not None and self._run.draining

    def record_metric(self, key, value, mode="replace"):
        """See Metrics.record."""
        self.metrics.record(key, value, mode=mode)


class Metrics:
    """Notes by name. A dot in a name makes an object: `timing.decode`."""

    def __init__(self, notes):
        self._notes = notes

    def record(self, name, value, mode="replace"):
        """`mode`: replace, incr (adds a number) or append (to a list). None as the value deletes the note. Raises
        ValueError for a name that is not allowed, and TypeError for a value that is not JSON or that changes the
        type of the note."""
        *above, last = _steps(name)
        if mode not in ("replace", "incr", "append"):
            raise ValueError("mode %r is none of replace, incr, append" % (mode,))
        place = self._notes
        for step in above:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise TypeError("the metric %s is below one that holds a value" % name)
        if value is None:
            place.pop(last, None)
        else:
            place[last] = _combined(name, place.get(last), value, mode)

    def __setitem__(self, name, value):
        self.record(name, value)

    def __getitem__(self, name):
        place = self._notes
        for step in _steps(name):
            if not isinstance(place, dict) or step not in place:
                raise KeyError(name)
            place = place[step]
        return place

    def __delitem__(self, name):
        self[name]
        self.record(name, None)

    def __contains__(self, name):
        return self.get(name) is not None

    def __iter__(self):
        return iter(self._notes)

    def __len__(self):
        return len(self._notes)

    def get(self, name, default=None):
        try:
            return self[name]
        except KeyError:
            return default


def _steps(name):
    steps = name.split(".") if isinstance(name, str) else []
    if not steps or len(name) > _MAX_NAME or len(steps) > _MAX_SEGMENTS or not all(map(_SEGMENT.match, steps)):
        raise ValueError(
            "a metric's name is at most %d characters in at most %d segments of letters, digits and single underscores "
            "between them, each beginning with a letter" % (_MAX_NAME, _MAX_SEGMENTS)
        )
    if name == "predict_time" or steps[0] == "cog":
        raise ValueError("the metric name %s is reserved" % name)
    return steps


def _combined(name, known, value, mode):
    if not isinstance(value, (bool, int, float, str, list, dict)):
        raise TypeError("the metric %s is a %s, which is not JSON" % (name, type(value).__name__))
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise TypeError("the metric %s is not JSON: %s" % (name, error)) from None
    if mode == "append":
        if known is not None and not isinstance(known, list):
            raise TypeError("the metric %s is no list; nothing can be appended" % name)
        return [*(known or []), value]
    if mode == "incr":
        if not _is_number(value) or not (known is None or _is_number(known)):
            raise TypeError("the metric %s is no number; it cannot be increased" % name)
        return (known or 0) + value
    if known is not None and type(known) is not type(value) and not (_is_number(known) and _is_number(value)):
        kinds = (type(known).__name__, type(value).__name__)
        raise TypeError("the metric %s is a %s; delete it before it becomes a %s" % (name, *kinds))
    return value


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
