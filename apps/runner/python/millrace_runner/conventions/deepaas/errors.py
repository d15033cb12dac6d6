"""Turns an exception of a DEEPaaS model into an answer. `details.status` is the HTTP status that its own platform
would have answered. Called by run_deepaas.py, arguments.py and response.py."""
import json

from ...errors import InvalidInput, ModelError
from ...runs.describe_error import describe_error, traceback_of

# With these a model refuses its input. That is the caller's fault, so the job is not tried again.
_REFUSALS = (400, 422)
# The largest `details` as JSON, in bytes. The protocol leaves out larger ones.
_DETAILS = 3000
_REASON_CHARS = 1000


def invalid_arguments(messages):
    """For the messages of marshmallow: {argument: [message]}."""
    errors, size = {}, 0
    for name, said in messages.items():
        size += len(json.dumps({str(name): said}, default=str).encode("utf-8"))
        if size > _DETAILS:
            break
        errors[str(name)] = json.loads(json.dumps(said, default=str))
    return InvalidInput(in_words(messages), {"status": 422, "errors": errors})


def in_words(said):
    """The messages of marshmallow in one line."""
    if isinstance(said, dict):
        return "; ".join("%s: %s" % (key, in_words(item)) for key, item in said.items())
    return " ".join(in_words(item) for item in said) if isinstance(said, (list, tuple)) else str(said)


def not_implemented(name):
    return ModelError("Not implemented by underlying model (loaded '%s')" % name, {"status": 501})


def answer_to(error, name):
    """The answer to an exception from the code of the model `name`."""
    status = http_status(error)
    if status is None:
        if isinstance(error, NotImplementedError):
            words = str(error) or "Model '%s' does not implement this functionality" % name
            return ModelError(words, {"status": 501}, traceback_of(error))
        message, text = describe_error(error)
        return ModelError(message, {"status": 500}, text)
    # The reason may be any object, such as the exception that led to it.
    reason = str(error.reason)[:_REASON_CHARS]
    details = {"status": status, "reason": reason}
    text = getattr(error, "text", None)
    if isinstance(text, str) and text and text != "%d: %s" % (status, error.reason):
        details["text"] = text[:_REASON_CHARS]
    message = details.get("text") or reason or "status %d" % status
    if status in _REFUSALS:
        return InvalidInput(message, details)
    return ModelError(message, details, traceback_of(error))


def http_status(error):
    """The status of an exception that stands for an HTTP error of this server, such as aiohttp's HTTPBadRequest.
    Else None. An exception that reports another server's answer (urllib's are OSErrors) is an error like any other."""
    if isinstance(error, OSError) or not hasattr(error, "reason"):
        return None
    for name in ("status", "status_code"):
        status = getattr(error, name, None)
        if isinstance(status, int) and 400 <= status <= 599:
            return int(status)
    return None
