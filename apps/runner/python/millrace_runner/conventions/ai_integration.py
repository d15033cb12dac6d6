"""ai_integration: the model's file owns the main loop. `get_next_input` waits for a run and `send_result` answers it;
the older `start_loop` calls a function. The package that the file imports is the stand-in in shims/ai_integration,
which calls this module; main.py calls `run`."""
import json
import runpy

from .. import current
from ..errors import Canceled, InvalidInput, ModelError, SetupError
from ..values.input_file import InputFile
from ..values.output_file import OutputFile

FORGOTTEN = "Caught Programming Error - no success or error was received before the context manager exited"
# What the model says for the pages that show its answers is kept in its schema.
_KEY = "x-ai-integration"
OUTPUT_SCHEMA = {
    "type": "object",
    "properties": {
        "content_type": {"type": "string", "description": "Media type of the data, as the model says."},
        "data": {"description": "JSON for application/json, text for text/*, else a file."},
    },
    "required": ["content_type", "data"],
}


def run(found, session):
    loop = Loop(session)
    current.loop = loop
    try:
        runpy.run_path(found.file, run_name="__main__")
    except BaseException as error:  # noqa: B902 - the file's end is the process' end, whatever it was
        if not session.is_ready:
            raise
        loop.give_up(error)
        raise
    if not session.is_ready:
        raise SetupError("the file ended without asking for an input")
    loop.give_up(None)


class Loop:
    """Connects the model's main loop with the runs. A run is answered only when the model's code has left its block:
    until then it may still raise, and a process whose model has raised must get no other run."""

    def __init__(self, session):
        self._session = session
        self._schema = {}
        self._run = None
        self._owed = None

    def begin(self, inputs_schema, visualizer_config=None):
        """Answers the last run, waits for the next one, and returns its inputs. Only the schema of the first call
        counts."""
        session = self._session
        if not session.is_ready:
            self._schema = inputs_schema or {}
            # Between two inputs its loop may do anything.
            session.takes_one_by_one = False
            schema = dict(to_json_schema(self._schema), **{_KEY: {"visualizer": plain(visualizer_config)}})
            session.ready(input_schema=schema, output_schema=OUTPUT_SCHEMA)
        self._settle()
        while True:
            run = session.next_run()
            if run is None:
                session.end(0)
            try:
                inputs = inputs_of(run, self._schema)
                session.begin(run)
                session.interrupt.begin(run)
            except (InvalidInput, Canceled) as error:
                session.interrupt.end()
                session.fail(run, error)
                continue
            self._run = run
            return inputs

    def send(self, result):
        if self._run is None:
            raise RuntimeError("send_result was called outside of `with get_next_input(...)`")
        if self._owed is not None:
            self._run.log("a second send_result for one input is ignored", "warn")
            return
        run, session = self._run, self._session
        try:
            value = value_of(result)
        except (ModelError, InvalidInput) as error:
            self._owed = lambda refused=error: session.fail(run, refused)
            return
        self._owed = lambda: session.succeed(run, value)

    def finish(self, error):
        """Called when the block is left, with an exception or without. True: the exception goes no further."""
        run, session = self._run, self._session
        session.interrupt.end()
        self._run = None
        if self._owed is None:
            if isinstance(error, (SystemExit, KeyboardInterrupt)):
                return False
            ended = ModelError(FORGOTTEN) if error is None else error
            self._owed = lambda: session.fail(run, ended)
        if error is None or isinstance(error, Canceled):
            self._settle()
            return True
        return False

    def give_up(self, error):
        """Ends the process. First the worker is told to send no more runs, then the last run is answered."""
        if self._owed is None:
            return
        said = "the model's file ended" if error is None else "the model's file ended with %s" % type(error).__name__
        self._session.pipe.send({"type": "setup_failed", "message": said})
        self._settle()

    def _settle(self):
        owed, self._owed = self._owed, None
        if owed is not None:
            owed()


def start_loop(inference_function, inputs_schema, visualizer_config=None):
    """The older interface: calls the function with the inputs of each run. After an exception the process is
    replaced."""
    loop = current.loop
    while True:
        inputs = loop.begin(inputs_schema, visualizer_config)
        error = None
        try:
            loop.send(inference_function(inputs))
        except BaseException as raised:  # noqa: B902
            error = raised
        if not loop.finish(error):
            raise error


def plain(config):
    """A configuration as JSON. One that is none is left out."""
    try:
        return json.loads(json.dumps(config))
    except (TypeError, ValueError):
        return None


def to_json_schema(inputs_schema):
    """Every listed input is required. All others are options, which are text or numbers. Any file is allowed,
    because the model gets its bytes."""
    properties = {}
    for name, kind in inputs_schema.items():
        kind = kind.get("type") if isinstance(kind, dict) else kind
        if kind == "text":
            properties[name] = {"type": "string"}
        else:
            properties[name] = {"type": "string", "format": "file", "contentMediaType": "*/*", "description": str(kind)}
            if kind == "image":
                properties[name]["x-media-type-hint"] = "image/jpeg"
    return {
        "type": "object",
        "properties": properties,
        "required": list(inputs_schema),
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    }


def inputs_of(run, schema):
    """The inputs for the model: files as bytes, all else as it was given."""
    given = run.input if isinstance(run.input, dict) else {}
    missing = [name for name in schema if name not in given]
    if missing:
        raise InvalidInput("input not provided: " + ", ".join(missing), {"missing": missing})
    return {name: value.read() if isinstance(value, InputFile) else value for name, value in given.items()}


def value_of(result):
    """The output in a result dict. Raises ModelError when the dict says that the model failed, or when it is not a
    result."""
    if not isinstance(result, dict):
        raise ModelError("the result is a %s, not a dict" % type(result).__name__)
    if "success" not in result:
        raise ModelError("the result has no `success`")
    # Compares as the original does: 1 counts as success, "true" does not.
    if not result["success"] == True:  # noqa: E712
        text = str(result.get("error") or "the model says that it failed and gives no error")
        raise ModelError(text.strip().split("\n")[-1], text=text if "\n" in text.strip() else None)
    content_type = str(result.get("content-type") or "application/octet-stream")
    return {"content_type": content_type, "data": data_of(result.get("data"), content_type)}


def data_of(data, content_type):
    if data is None:
        return None
    kind = content_type.split(";")[0].strip().lower()
    is_text = isinstance(data, str)
    if "json" in kind or kind.startswith("text/"):
        try:
            text = data if is_text else bytes(data).decode("utf-8")
            return json.loads(text) if "json" in kind else text
        except ValueError:
            # It was declared as JSON or UTF-8 but is neither, so it is given unchanged.
            if is_text:
                return data
    elif is_text:
        return data
    return OutputFile(data=bytes(data), content_type=content_type)
