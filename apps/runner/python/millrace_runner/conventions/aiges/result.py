"""Splits a wrapper's answer into results by name, or turns it into an error. Called by run_aiges.py, model.py and
session.py."""
import json

from aiges.checks import faults_of
from aiges.core.types import DataEnd, DataOnce, DataText, Types
from aiges.dto import Response, size_of
from aiges.fields import JsonBodyField

from ...errors import InvalidOutput
from ...values.output_file import OutputFile
from ...values.output_folder import content_type_of, suffix_of
from .input import encoding_of

# The usual names of the encodings that a field may declare.
_TYPES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "bmp": "image/bmp", "gif": "image/gif",
    "wav": "audio/wav", "mp3": "audio/mpeg", "lame": "audio/mpeg", "opus": "audio/ogg", "speex": "audio/ogg",
}  # fmt: skip


def code_of(response):
    """The error code of a Response. 0 when it is not a Response."""
    return int(response.error_code or 0)


def is_response(value):
    return isinstance(value, Response) or (hasattr(value, "list") and hasattr(value, "error_code"))


def is_last(response):
    """True when this is the last result of a session. The value that a new Response has does not count."""
    return any(getattr(node, "status", None) in (DataEnd, DataOnce) for node in told(response.list)) or any(
        getattr(node, "status", None) == DataEnd for node in response.list
    )


def told(nodes):
    """Leaves out the empty result that every new Response holds."""
    return [node for node in nodes if getattr(node, "key", "?") or _size_in(node) != 0]


def filled(nodes):
    """Leaves out results without data. With these a session only says that it lives, or that it is over."""
    return [node for node in nodes if _size_in(node) != 0]


def _size_in(node):
    return size_of(getattr(node, "data", None))


class AigesResults:
    """Reads results. `strict`: anything odd about them is an error. Otherwise it is a warning in the job's log."""

    def __init__(self, accepts, strict):
        self._accepts = {field.key: field for field in accepts}
        self._strict = strict

    def read(self, nodes, run, once=True):
        """Returns one value for each name: text, JSON or a file, or a list where several results have the same name.
        Raises InvalidOutput."""
        for node in nodes:
            if not hasattr(node, "data") or not hasattr(node, "key"):
                raise InvalidOutput("a result is %s, not a ResponseData" % type(node).__name__)
        for fault in faults_of(nodes, self._accepts.values(), once=once and not self._strict, text=True):
            if self._strict:
                raise InvalidOutput(fault)
            run.log(fault, "warn")
        found = {}
        for node in nodes:
            name = self._name_of(node)
            found.setdefault(name, []).append(self._value_of(node, name))
        return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

    def _name_of(self, node):
        if node.key:
            return str(node.key)
        return next(iter(self._accepts)) if len(self._accepts) == 1 else "output"

    def _value_of(self, node, name):
        field = self._accepts.get(name)
        if field is not None and node.type != field.data_type:
            said, wanted = Types.get(node.type, node.type), Types.get(field.data_type, field.data_type)
            raise InvalidOutput("the type of %r is %s, and %s is declared" % (name, said, wanted))
        if size_of(node.data) is None:
            raise InvalidOutput("the data of %r is %s, not bytes or text" % (name, type(node.data).__name__))
        return _text(node, name, field) if node.type == DataText else _file(node, name, field)


def _text(node, name, field):
    text = node.data
    if not isinstance(text, str):
        try:
            text = bytes(text).decode(encoding_of(field))
        except UnicodeDecodeError:
            raise InvalidOutput("the text of %r is not %s" % (name, encoding_of(field))) from None
    if not isinstance(field, JsonBodyField):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidOutput("%r is declared as JSON, and is none" % name) from None


def _file(node, name, field):
    data = node.data.encode("utf-8") if isinstance(node.data, str) else bytes(node.data)
    content_type = content_type_of(None, data[:16])
    if content_type == "application/octet-stream" and "encoding" in getattr(field, "declared", ()):
        content_type = _TYPES.get(str(field.encoding).lower(), content_type)
    return OutputFile(data=data, name=name + suffix_of(content_type), content_type=content_type)
