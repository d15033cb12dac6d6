"""The plain style: anything with `predict(data)`, optionally `preprocess`, `postprocess`, a `config` and `load`/`setup`.
A class is instantiated once; one call at a time. The output is `{"prediction": …}`."""
import collections.abc
import inspect
import os

from ..errors import InvalidInput, SetupError
from ..import_file import import_file, split_ref
from ..serve import serve
from ..stream import collect

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
    model = find_model(module, name, settings.config)
    for method in ("load", "setup"):
        if model is not module and callable(getattr(model, method, None)):
            getattr(model, method)()
            break
    if inspect.iscoroutinefunction(model.predict) or inspect.isasyncgenfunction(model.predict):
        raise SetupError("predict(data) is async; write it as a Cog predictor, which may be")
    session.ready(input_schema=INPUT_SCHEMA, output_schema=OUTPUT_SCHEMA, description=inspect.getdoc(model) or None)
    serve(session, lambda run: predict(model, run, session))


def predict(model, run, session):
    data = run.input
    if not isinstance(data, dict) or "data" not in data:
        raise InvalidInput("the input has no `data`")
    data = data["data"]
    if callable(getattr(model, "preprocess", None)):
        try:
            data = model.preprocess(data)
        except ValueError as error:
            # What preprocess refuses is the caller's; everywhere else a ValueError is the model's.
            raise InvalidInput(str(error) or "preprocess refuses the data") from error
    value = gather(model.predict(data), run, session)
    if callable(getattr(model, "postprocess", None)):
        value = model.postprocess(value)
    return {"prediction": value}


def gather(value, run, session):
    """A generator is a stream: each piece is told as it comes, and the prediction is the list of all."""
    if not isinstance(value, collections.abc.Iterator) or hasattr(value, "read"):
        return value
    return collect(value, run, session, lambda piece: piece)


def find_model(module, name, config):
    """What `file.py:Name` names, or the one thing in the file that predicts; classes are made into instances."""
    if name is not None:
        if not hasattr(module, name):
            raise SetupError("the file has no %s" % name)
        return instance_of(getattr(module, name), config)
    if callable(getattr(module, "predict", None)):
        return module
    own = [value for value in vars(module).values() if getattr(value, "__module__", None) == module.__name__]
    made = [value for value in vars(module).values() if not inspect.isclass(value) and type(value) in own and predicts(value)]
    if made:
        return the_one(made, [type(value).__name__ for value in made])
    classes = [value for value in own if inspect.isclass(value) and predicts(value)]
    return instance_of(the_one(classes, [value.__name__ for value in classes]), config)


def predicts(value):
    return callable(getattr(value, "predict", None))


def the_one(things, names):
    if not things:
        raise SetupError("nothing in the file has predict(data)")
    if len(things) > 1:
        raise SetupError("%s all have predict(data); name one by `ref: file.py:Name` in millrace.yaml" % ", ".join(names))
    return things[0]


def instance_of(thing, config):
    if inspect.isfunction(thing):
        return _Function(thing)
    if not inspect.isclass(thing):
        return thing
    if not config:
        return thing()
    # A class that takes a config gets it whole; else its arguments by name.
    if "config" in inspect.signature(thing).parameters:
        return thing(config=config)
    return thing(**config)


class _Function:
    """A plain function as a model."""

    def __init__(self, function):
        self.predict = function
        self.__doc__ = function.__doc__
