"""Cog: a class with `setup` and `predict` (or `run`), or a function, whose annotations say what it takes and gives. The
package that the file imports is the stand-in in shims/cog. Called by main.py."""
import asyncio
import inspect
import os
import sys

from cog.exceptions import CancelationException

from ...errors import SetupError
from ...runs.batch_call import BatchModel
from ...runs.serve import serve
from ...runs.serve_async import serve_async
from ...runs.serve_batches import serve_batches
from ...runs.stream import collect, collect_async
from .health import healthcheck_of
from .inputs import Inputs
from .load import PREDICTING, TRAINING, Loader
from .outputs import Output, is_async
from .setup import call_setup


def run(found, session):
    # The exception that predictors catch by name.
    session.interrupt.error = CancelationException
    for warning in (session.settings.cog or {}).get("warnings", ()):
        print(warning, file=sys.stderr, flush=True)
    loader = Loader(session.settings.folder)
    # A folder that only trains uses one function for both.
    methods = TRAINING if found.ref == found.train_ref else PREDICTING
    batched = bool(session.settings.manifest.get("batch"))
    predicting = _Call(loader.load(found.ref, methods), session, batched)
    training = _Call(loader.load(found.train_ref, TRAINING), session) if found.train_ref else None
    loop = asyncio.new_event_loop()
    calls = [call for call in (predicting, training) if call is not None]
    is_async = any(call.is_async for call in calls)
    if is_async:
        # Locks and clients that setup makes must belong to the loop that uses them.
        asyncio.set_event_loop(loop)
        loop.run_until_complete(predicting.set_up_async())
    else:
        predicting.set_up()
    session.healthcheck = healthcheck_of(predicting.predictor.target, loop, lambda: session.is_busy)
    session.takes_one_by_one = session.takes_batches = not is_async
    session.ready(**manifest_of(predicting, training, session.settings))
    if is_async:
        serve_async(session, loop, predicting.call_async, training and training.call_async)
    elif batched:
        serve_batches(session, predicting.as_batch_model(), training and training.call)
    else:
        serve(session, predicting.call, training and training.call)


class _Call:
    """A predictor with what its signature says."""

    def __init__(self, predictor, session, batched=False):
        self.predictor = predictor
        self.session = session
        self.inputs = Inputs(predictor.declared, batched)
        self.output = Output(predictor.declared, batched)
        self.is_async = is_async(predictor.call) or is_async(predictor.declared) or self.output.streams and self.output.kind.is_async
        self._is_set_up = not predictor.has_setup
        if predictor.has_setup and inspect.iscoroutinefunction(predictor.target.setup) and not self.is_async:
            raise SetupError("an async setup needs an async predict")

    def set_up(self):
        if not self._is_set_up:
            call_setup(self.predictor, self.session.settings)
            self._is_set_up = True

    async def set_up_async(self):
        if not self._is_set_up:
            waiting = call_setup(self.predictor, self.session.settings)
            if inspect.isawaitable(waiting):
                await waiting
            self._is_set_up = True

    def call(self, run):
        """The output of one run, in the main thread."""
        arguments = self.inputs.arguments(run)
        # A model that only trains is set up by its first training.
        self.set_up()
        value = self.predictor.call(**arguments)
        pieces = self.output.pieces(value)
        return self.output.whole(value) if pieces is None else self._collected(pieces, run)

    def as_batch_model(self):
        """For a predictor whose parameters are lists, one value for each run, and which gives a list with as many outputs."""
        names = [parameter.name for parameter in self.inputs.parameters]
        return BatchModel(
            self.inputs.arguments,
            lambda several: self.predictor.call(**{name: [one[name] for one in several] for name in names}),
            lambda _run, value: self.output.whole(value),
        )

    async def call_async(self, run):
        """The output of one run, as a task of the loop."""
        arguments = self.inputs.arguments(run)
        await self.set_up_async()
        if not self.is_async:
            # A plain function beside an asynchronous one has the main thread to itself, and is interrupted there.
            run.on_cancel = None
            return self.session.interrupt.call(run, lambda: self.call(run))
        value = self.predictor.call(**arguments)
        if inspect.isawaitable(value):
            value = await value
        pieces = self.output.async_pieces(value)
        if pieces is not None:
            return await collect_async(pieces, run, self.session, self.output.piece)
        pieces = self.output.pieces(value)
        return self.output.whole(value) if pieces is None else self._collected(pieces, run)

    def _collected(self, pieces, run):
        return collect(pieces, run, self.session, self.output.piece)


def manifest_of(predicting, training, settings):
    concurrency = (settings.cog or {}).get("concurrency") or concurrency_of(predicting.predictor)
    wanted = settings.manifest.get("concurrency") or concurrency
    if wanted > 1 and not predicting.is_async:
        raise SetupError("the model is to take %d runs at once, but its predict() is not async" % wanted)
    return {
        "description": inspect.getdoc(predicting.predictor.declared) or _own_doc(predicting.predictor.target),
        "input_schema": predicting.inputs.schema(),
        "output_schema": _output_schema_of(predicting),
        "nullable_output": True,
        "streams": predicting.output.streams or None,
        "concurrency": concurrency if concurrency > 1 else None,
        "training": training
        and {"input_schema": training.inputs.schema(), "output_schema": training.output.schema()},
    }


def _output_schema_of(call):
    schema = call.output.schema()
    is_marked = _mark_of(call.predictor, "__cog_streaming__") is True
    return {**schema, "x-cog-streaming": True} if is_marked else schema


def concurrency_of(predictor):
    marked = _mark_of(predictor, "__cog_concurrent_max__")
    if marked is not None:
        return marked
    text = os.environ.get("COG_MAX_CONCURRENCY") or "1"
    if not text.isdigit() or int(text) < 1:
        raise SetupError("COG_MAX_CONCURRENCY is not a number from 1")
    return int(text)


def _mark_of(predictor, name):
    """The mark that a decorator of Cog left on the function, even below other decorators. None when there is none."""
    marks = [getattr(function, name, None) for function in (predictor.call, predictor.declared)]
    return next((mark for mark in marks if mark is not None), None)


def _own_doc(target):
    """What the class says, or else the file that it is in."""
    kind = target if inspect.isfunction(target) else type(target)
    doc = None if kind is target else kind.__dict__.get("__doc__")
    doc = doc or getattr(sys.modules.get(kind.__module__), "__doc__", None)
    return inspect.cleandoc(doc) if doc else None
