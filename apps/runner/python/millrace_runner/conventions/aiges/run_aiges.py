"""AIGES wrappers: a class `Wrapper` that takes parameters and data at once, in sessions of frames, or both. The output
is an object with one value per result; a session gives `{"frames": […]}`. Personal resources (wrapperLoadRes) are not
supported: no job brings any. Called by main.py."""
import inspect

from aiges import hub
from aiges.schema_document import schema_document

from ...errors import InvalidInput, SetupError
from .calls import call_once
from .input import AigesInput
from .model import AigesModel
from .result import code_of, is_response, told
from .schema import input_schema, output_schema
from .session import AigesSession


def run(found, session):
    settings = session.settings
    model = AigesModel(found, settings)
    if settings.print == "aiges_schema":
        return print_schema(model, session)
    hub.set_receiver(model.receive)
    model.init(settings.config)
    session.ready(
        input_schema=input_schema(model.fields, model.once or model.once_async, model.sessions),
        output_schema=output_schema(model.fields, model.sessions),
        streams=model.sessions or None,
        **about(model.wrapper),
    )
    answer_runs(model, session)
    model.fini()


def answer_runs(model, session):
    """Answers runs one after the other until the process must end. It also ends, and is replaced, when it can open
    no more sessions."""
    while True:
        run = session.next_run()
        if run is None:
            return
        session.perform(run, lambda: predict(model, run, session.interrupt))
        why = model.worn_out()
        if why is not None:
            session.setup_failed(SetupError(why))


def predict(model, run, interrupt):
    service = getattr(model.wrapper, "serviceId", None)
    given = AigesInput(run.input, model.fields, service, model.options.typed_params, model.sessions)
    params = {**given.params, "sid": run.id}
    if given.frames is not None:
        return AigesSession(model, run, params, interrupt).stream(given.frames)
    if model.once:
        return once(model, run, call_once(model.wrapper, params, given.data, run.id))
    if model.once_async:
        return read_nodes(model, run, AigesSession(model, run, params, interrupt).once(given.data))
    raise InvalidInput("this model takes its data in `frames` only")


def once(model, run, value):
    """The output in an answer of wrapperOnceExec. Its error code is read first, because an answer with an error also
    holds an empty result."""
    if is_response(value):
        code = code_of(value)
        if code != 0:
            raise model.error(code, "wrapperOnceExec")
        return read_nodes(model, run, value.list)
    if isinstance(value, int) and value != 0:
        raise model.error(int(value), "wrapperOnceExec")
    given = "None" if value is None else type(value).__name__
    raise model.misuse("wrapperOnceExec returned %s, not a Response" % given)


def read_nodes(model, run, nodes):
    nodes = told(nodes)
    if not nodes:
        raise model.misuse("the Response holds no result")
    return model.results.read(nodes, run)


def about(wrapper):
    """The wrapper's description of itself, as far as a manifest can hold it."""
    version = str(getattr(wrapper, "version", "") or "")
    text = inspect.cleandoc(type(wrapper).__dict__.get("__doc__") or "")
    return {"version": version if 0 < len(version) <= 64 else None, "description": text[:4096] or None}


def print_schema(model, session):
    try:
        document = schema_document(model.wrapper)
    except (AttributeError, ValueError) as error:
        raise SetupError(str(error)) from error
    session.pipe.send({"type": "aiges_schema", "document": document})
