"""Splits a job's input into the parts that a wrapper gets: parameters, and nodes of data. Called by run_aiges.py;
result.py and schema.py share its words."""
import json

from aiges.core.types import AUDIO, IMAGE, VIDEO, DataBegin, DataContinue, DataEnd, DataOnce, DataText, Status, Types
from aiges.dto import DataListCls, DataListNode
from aiges.fields import BooleanParamField, IntegerParamField, NumberParamField

from ...errors import InvalidInput
from ...values.input_file import InputFile
from .config import text_of

STATUS = {name: number for number, name in Status.items()}
_MEDIA = {"image": IMAGE, "audio": AUDIO, "video": VIDEO}
_SCALARS = (str, bool, int, float)


class AigesInput:
    """`params`: by name, without the sid. `data`: a DataListCls. `frames`: a list of DataListCls, or None when the
    input has none. Parameters and data stand side by side in the input. A value that the wrapper does not declare,
    or declares twice under one name, stands inside `parameter` or `payload`. Raises InvalidInput."""

    def __init__(self, value, fields, service=None, typed=False, sessions=False):
        if not isinstance(value, dict):
            raise InvalidInput("the input is no object")
        self._params = {field.key: field for field in fields.params}
        self._inputs = {field.key: field for field in fields.inputs}
        self._typed = typed
        frames = value.get("frames") if sessions and "frames" not in {*self._params, *self._inputs} else None
        rest = {key: item for key, item in value.items() if frames is None or key != "frames"}
        params, payload = self._sort(rest, service)
        if frames is not None and payload:
            raise InvalidInput("the data of a session belongs into its frames: %s" % ", ".join(payload))
        self.params = self._take_params(params)
        self.data = self._take_data(payload, DataOnce)
        self.frames = None if frames is None else self._take_frames(frames)

    def _sort(self, value, service):
        params, payload = {}, {}
        for key, item in value.items():
            if key in self._params:
                params[key] = item
            elif key in self._inputs:
                payload[key] = item
            elif not (key in ("parameter", "payload") and isinstance(item, dict)):
                (params if self._is_param(item) else payload)[key] = item
        params.update(_inside(value, "parameter", self._params, self._inputs, service))
        payload.update(_inside(value, "payload", self._params, self._inputs))
        return params, payload

    def _is_param(self, item):
        """True when a value that is not declared is a parameter. When the wrapper declares nothing, text is data,
        because most wrappers take it so."""
        return isinstance(item, _SCALARS) and not (isinstance(item, str) and not self._params and not self._inputs)

    def _take_params(self, given):
        values = {key: field.value for key, field in self._params.items() if "value" in field.declared}
        # An object in this place asks for a form of the output. Millrace has only one form.
        asked = {key: item for key, item in given.items() if item is not None and not isinstance(item, (dict, list))}
        values.update(asked)
        for key, value in values.items():
            if isinstance(value, InputFile):
                raise InvalidInput("%s is a parameter, not a file" % key)
            if key in self._params and key in asked:
                check_param(self._params[key], value)
        if self._typed:
            return {key: typed_param(self._params.get(key), value) for key, value in values.items()}
        return {key: text_of(value) for key, value in values.items()}

    def _take_data(self, payload, status):
        data = DataListCls()
        # Declared fields come in the order of their declaration, because wrappers take `list[0]`.
        ranks = {key: rank for rank, key in enumerate(self._inputs)}
        for key in sorted(payload, key=lambda key: ranks.get(key, len(ranks))):
            if payload[key] is not None:
                data.list.append(node_of(key, payload[key], self._inputs.get(key), status))
        return data

    def _take_frames(self, frames):
        if not isinstance(frames, list) or not frames:
            raise InvalidInput("a session needs a list of frames, at least one")
        return [self._take_frame(frame, index, len(frames)) for index, frame in enumerate(frames)]

    def _take_frame(self, frame, index, count):
        if not isinstance(frame, dict):
            raise InvalidInput("frame %d is no object" % index)
        payload = {key: item for key, item in frame.items() if key not in ("status", "payload") or key in self._inputs}
        payload.update(_inside(frame, "payload", {}, self._inputs))
        status = frame.get("status") if "status" not in self._inputs else None
        if status is None:
            status = status_at(index, count)
        status = STATUS.get(status, status)
        if isinstance(status, bool) or status not in Status:
            raise InvalidInput("the status of frame %d is none of %s" % (index, ", ".join(STATUS)))
        return self._take_data(payload, status)


def status_at(index, count):
    """The status of a frame that does not name its own."""
    if count == 1:
        return DataOnce
    return DataBegin if index == 0 else DataEnd if index == count - 1 else DataContinue


def _inside(value, name, params, inputs, service=None):
    """The content of `parameter` or `payload`, unless the wrapper declares a field of that name."""
    if name in params or name in inputs or not isinstance(value.get(name), dict):
        return {}
    inner = dict(value[name])
    # In a body for the platform, it stands under the name of the service.
    nested = inner.pop(service, None) if service is not None and isinstance(inner.get(service), dict) else None
    return {**inner, **(nested or {})}


def check_param(field, value):
    """Checks what the schema cannot say about numbers that come as text. Raises InvalidInput."""
    details = {"parameter": field.key}
    if field.enums and text_of(value) not in [text_of(one) for one in field.enums]:
        raise InvalidInput("%s is none of %s" % (field.key, ", ".join(map(text_of, field.enums))), details)
    if not isinstance(field, NumberParamField) and not isinstance(field, IntegerParamField):
        return
    try:
        number = float(value)
    except ValueError:
        raise InvalidInput("%s is no number" % field.key, details) from None
    if "minimum" in field.declared and number < field.minimum:
        raise InvalidInput("%s is less than %s" % (field.key, text_of(field.minimum)), details)
    if "maximum" in field.declared and number > field.maximum:
        raise InvalidInput("%s is more than %s" % (field.key, text_of(field.maximum)), details)


def typed_param(field, value):
    """The parameter in the type that its field declares."""
    if isinstance(field, BooleanParamField):
        return value.lower() in ("true", "1") if isinstance(value, str) else bool(value)
    if isinstance(field, (NumberParamField, IntegerParamField)):
        number = float(value)
        return int(number) if isinstance(field, IntegerParamField) and number.is_integer() else number
    return value


def node_of(key, value, field, status):
    """A node of data. Text becomes bytes, and so does the text of JSON."""
    kind = field.data_type if field is not None else DataText
    if isinstance(value, InputFile):
        data = value.read()
        kind = kind if field is not None else _MEDIA.get(value.content_type.partition("/")[0], DataText)
    elif kind in (IMAGE, AUDIO, VIDEO):
        raise InvalidInput("%s is no file, and %s is wanted" % (key, Types[kind]))
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        data = _encode(key, text, encoding_of(field))
    return DataListNode(key, data, status, len(data), kind)


def encoding_of(field):
    """The encoding of a field's text. UTF-8 when the field does not say."""
    name = str(getattr(field, "encoding", "utf-8"))
    try:
        "".encode(name)
    except LookupError:
        return "utf-8"
    return name


def _encode(key, text, encoding):
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        raise InvalidInput("%s cannot be written as %s" % (key, encoding)) from None
