"""One call of the model for several runs. A call that raises is made again: for each run by itself, or in halves where
the memory was not enough for all. Made by serve_batches.py, for the main thread."""
import collections.abc
import itertools
import threading

from .. import current
from ..errors import Canceled, InvalidOutput
from .lacked_memory import lacked_memory


class BatchModel:
    """What a convention does with the runs of a call. `prepare(run)`: what the model gets for it. `call(list)`: calls the
    model with what was prepared. `finish(run, output)`: the output of one run."""

    def __init__(self, prepare, call, finish):
        self.prepare = prepare
        self.call = call
        self.finish = finish


class BatchCall:
    def __init__(self, session, model, runs):
        self._session = session
        self._model = model
        self._runs = runs
        self._lock = threading.Lock()
        # The runs whose code goes on in the main thread, and what interrupts it.
        self._called = ()
        self._turn = None

    def answer_all(self):
        """Calls the model and answers each of the runs."""
        for run in self._runs:
            run.on_cancel = lambda run=run: self._cancel(run)
            if run.canceled:
                self._cancel(run)
        prepared = []
        for run in self._runs:
            try:
                prepared.append((run, self._in_turn([run], lambda run=run: self._model.prepare(run))))
            except BaseException as error:  # noqa: B902 - every end of the model's code has its answer
                self._session.fail(run, error)
        self._call(prepared)

    def _call(self, prepared):
        """`prepared`: pairs of a run and what the model gets for it."""
        prepared = [(run, given) for run, given in prepared if not run.answered]
        if not prepared:
            return
        runs, inputs = [run for run, _ in prepared], [given for _, given in prepared]
        try:
            outputs = self._in_turn(runs, lambda: as_many(self._model.call(inputs), len(inputs)))
        except BaseException as error:  # noqa: B902
            lacks_memory = lacked_memory(error)
            self._fail_for_good(runs, error)
        else:
            for run, output in zip(runs, outputs):
                self._finish(run, output)
            return
        # Out of the handler: the error holds on to what the model had in memory.
        self._call_again(prepared, lacks_memory)

    def _fail_for_good(self, runs, error):
        """Fails those that cannot be called again."""
        ends_process = isinstance(error, (SystemExit, KeyboardInterrupt, GeneratorExit))
        for run in runs:
            # One that has sent a part of its output cannot begin again.
            if len(runs) == 1 or ends_process or run.canceled or run.chunks:
                self._session.fail(run, error)

    def _call_again(self, prepared, lacks_memory):
        left = [(run, given) for run, given in prepared if not run.answered]
        if not left:
            return
        failed = {"type": "batch_failed", "ids": [run.id for run, _ in left]}
        self._session.pipe.send(dict(failed, out_of_memory=True) if lacks_memory else failed)
        middle = (len(left) + 1) // 2
        for part in [left[:middle], left[middle:]] if lacks_memory else [[pair] for pair in left]:
            for run, _ in part:
                run.begin_again()
            self._call(part)

    def _finish(self, run, output):
        if run.answered:
            return
        if isinstance(output, Exception):
            self._session.fail(run, output)
            return
        try:
            value = self._in_turn([run], lambda: self._model.finish(run, output))
        except BaseException as error:  # noqa: B902
            self._session.fail(run, error)
        else:
            self._session.succeed(run, value)

    def _in_turn(self, runs, function):
        """Calls the model's code for these runs. It belongs to the run if there is one, and to none if there are several."""
        own = runs[0] if len(runs) == 1 else None
        turn = _Turn()
        with self._lock:
            self._called, self._turn = runs, turn
            current.called = runs
        self._session.begin(own)
        try:
            return self._session.interrupt.call(turn, function)
        finally:
            with self._lock:
                self._called = ()
                current.called = ()
            self._session.printed.end(own)
            current.set_run(None)

    def _cancel(self, run):
        """In the pipe's thread. The others go on without it; if there are none in its call, the model is interrupted."""
        with self._lock:
            is_last = run in self._called and all(other is run or other.answered for other in self._called)
            turn = self._turn
            if is_last:
                turn.canceled = True
        if is_last:
            self._session.interrupt.ask(turn)
        else:
            self._session.fail(run, Canceled())


class _Turn:
    """What an interrupt looks at, in place of a run."""

    def __init__(self):
        self.canceled = False
        self.interrupted = False


def as_many(outputs, count):
    """The outputs as a list. Raises InvalidOutput when there are more or fewer than inputs."""
    is_one = isinstance(outputs, (str, bytes, collections.abc.Mapping))
    if is_one or not isinstance(outputs, collections.abc.Iterable):
        raise InvalidOutput("predict was given lists and should give a list, but gave a %s" % type(outputs).__name__)
    listed = list(itertools.islice(iter(outputs), count + 1))
    if len(listed) != count:
        more = "more" if len(listed) > count else "only %d" % len(listed)
        raise InvalidOutput("predict was given %d inputs and gave %s outputs" % (count, more))
    return listed
