"""The plain style: anything with `predict(data)`, optionally `preprocess`, `postprocess`, a `config` and
`load`/`setup`. A class is instantiated once; calls come one at a time. With `batch` in millrace.yaml predict gets a list
with the data of several runs and gives as many outputs; preprocess and postprocess get one at a time all the same. The
output is `{"prediction": …}`. Called by main.py."""
import collections.abc
import inspect
import os

from ...errors import InvalidInput, SetupError
from ...find.import_file import import_file, split_ref
from ...runs.batch_call import BatchModel
from ...runs.serve import serve
from ...runs.run_context import RunContext
from ...runs.serve_batches import serve_batches
from ...runs.stream import collect, tell
from .model import find_model, takes_context

INPUT_SCHEMA = {
    "type": "object",
    "properties": {"data": {"description": "What predict(data) gets."}},
    "required": ["data"],
    "additionalProperties": False,
}
OUTPUT_SCHEMA = {
    "type": "object",
    "properties": {"prediction": {"description": "What predict(data) gives, after postprocess if there is one."}},
    "required": ["prediction"],
}


def run(found, session):
    settings = session.settings
    file, name = split_ref(found.ref)
    module = import_file(os.path.join(settings.folder, file), os.path.splitext(os.path.basename(file))[0])
    model = find_model(module, name, settings)
    for method in ("load", "setup"):
        if model is not module and callable(getattr(model, method, None)):
            getattr(model, method)()
            break
    called = getattr(model, "predict", None) or model.infer
    if inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called):
        raise SetupError("predict(data) is async; write it as a Cog predictor, which may be")
    wants_context = takes_context(called)
    if wants_context and settings.manifest.get("batch"):
        raise SetupError("a predict that gets several data at once has no `ctx`; use the package millrace")
    # A service that only has `infer` calls its model in its own way.
    session.takes_batches = callable(getattr(model, "predict", None))
    session.ready(input_schema=INPUT_SCHEMA, output_schema=OUTPUT_SCHEMA, description=inspect.getdoc(model) or None)
    if settings.manifest.get("batch"):
        one = BatchModel(lambda run: data_of(model, run), model.predict, lambda _run, value: output_of(model, value))
        serve_batches(session, one)
    else:
        serve(session, lambda run: predict(model, run, session, wants_context))


def predict(model, run, session, wants_context):
    if not callable(getattr(model, "predict", None)):
        return {"prediction": gather(model.infer(given(run)), run, session)}
    more = {"ctx": context_of(run, session)} if wants_context else {}
    return output_of(model, gather(model.predict(data_of(model, run), **more), run, session))


def given(run):
    if not isinstance(run.input, dict) or "data" not in run.input:
        raise InvalidInput("the input has no `data`")
    return run.input["data"]


def data_of(model, run):
    """What predict gets: the data, after preprocess if there is one."""
    data = given(run)
    if not callable(getattr(model, "preprocess", None)):
        return data
    try:
        return model.preprocess(data)
    except ValueError as error:
        # A ValueError of preprocess is the caller's fault; anywhere else it is the model's.
        raise InvalidInput(str(error) or "preprocess refuses the data") from error


def output_of(model, value):
    if callable(getattr(model, "postprocess", None)):
        value = model.postprocess(value)
    return {"prediction": value}


def gather(value, run, session):
    """A generator is a stream: each piece is sent when it comes, and the prediction is the list of all pieces."""
    if not isinstance(value, collections.abc.Iterator) or hasattr(value, "read"):
        return value
    return collect(value, run, session, lambda piece: piece)


def context_of(run, session):
    return RunContext(run, lambda chunk: tell(chunk, run, session), session.settings.device)
