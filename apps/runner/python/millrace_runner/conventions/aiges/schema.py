"""JSON Schemas of a wrapper's input and output, made from the fields that it declares. Hosts of the platform check
nothing, so the schema asks only for what the wrapper states itself, not for the platform's defaults. The hosts give all
parameters as text, so the text of a number or boolean is accepted as well. Called by run_aiges.py."""
from aiges.core.types import AUDIO, IMAGE, VIDEO, Types
from aiges.fields import BooleanParamField, JsonBodyField, StringParamField

from ...values.number_text import FLOAT, number_text
from .config import text_of
from .input import STATUS

_ANY_FILE = {"type": "string", "format": "file", "contentMediaType": "application/octet-stream"}
# Places of files come first: whatever the text may be, a file is tried first.
_ANYTHING = {"anyOf": [_ANY_FILE, {}]}
_SCALARS = ["string", "number", "boolean", "object", "null"]


def input_schema(fields, once, sessions):
    """`once`: takes all data at once. `sessions`: takes it in frames."""
    if not fields.request:
        schema = {"type": "object", "properties": {}, "additionalProperties": _ANYTHING}
    else:
        schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    properties = schema["properties"]
    payload = {field.key: _in_place(field, _payload(field)) for field in fields.inputs}
    if sessions:
        properties["frames"] = _frames(payload, fields.request)
    if once:
        properties.update(payload)
    properties.update({field.key: _in_place(field, _param(field)) for field in fields.params})
    for name, about in _NAMESPACES.items():
        properties.setdefault(name, about)
    required = [field.key for field in fields.params if field.required and "value" not in field.declared]
    schema["required"] = required + ([] if once else ["frames"])
    return schema


_NAMESPACES = {
    "parameter": {
        "type": "object",
        "description": "Parameters that are not declared, or that have the name of another field.",
        "additionalProperties": {"type": _SCALARS},
    },
    "payload": {
        "type": "object",
        "description": "Data that is not declared, or that has the name of another field.",
        "additionalProperties": _ANYTHING,
    },
}


def output_schema(fields, sessions):
    properties = {field.key: _in_place(field, _one_or_many(_result(field))) for field in fields.accepts}
    results = {"type": "object", "properties": properties}
    if not sessions:
        return results
    frames = {"type": "array", "items": results, "description": "What a session gave, in order."}
    return {"type": "object", "properties": {**properties, "frames": frames}}


def _frames(payload, closed):
    about = "Where the frame stands; told by its place by default."
    status = {"enum": [*STATUS, *STATUS.values()], "description": about}
    frame = {"type": "object", "properties": {"status": status, "payload": _NAMESPACES["payload"], **payload}}
    frame["additionalProperties"] = False if closed else _ANYTHING
    return {"type": "array", "minItems": 1, "items": frame, "description": "A session: its data, piece by piece."}


def _param(field):
    schema = {"type": "string"} if isinstance(field, StringParamField) else {"type": [field.data_type, "string"]}
    if field.enums:
        schema["enum"] = list(field.enums)
        schema["enum"] += [text_of(one) for one in field.enums if not isinstance(one, str)]
    for keyword, name in _BOUNDS.items():
        if name in field.declared and not field.enums:
            schema[keyword] = getattr(field, name)
    if field.data_type in ("number", "integer") and not field.enums:
        limits = {keyword: schema.get(keyword) for keyword in ("minimum", "maximum")}
        schema.update(number_text(FLOAT, **limits))
    if "value" in field.declared and _fits(field):
        schema["default"] = field.value
    return schema


_BOUNDS = {"minimum": "minimum", "maximum": "maximum", "minLength": "min_length", "maxLength": "max_length"}


def _fits(field):
    """True when a default is one of the allowed values. Wrappers often leave one that is not, and no caller could
    send it."""
    value = field.value
    if isinstance(field, BooleanParamField) or isinstance(value, bool):
        return isinstance(field, BooleanParamField) and isinstance(value, bool)
    if field.enums:
        return value in field.enums or value in [text_of(one) for one in field.enums]
    if isinstance(field, StringParamField):
        return isinstance(value, str) and _is_within(field, "min_length", "max_length", len(value))
    if isinstance(value, str):
        return True
    whole = isinstance(value, int) or isinstance(value, float) and (value.is_integer() or field.data_type == "number")
    return whole and _is_within(field, "minimum", "maximum", value)


def _is_within(field, least, most, size):
    return (least not in field.declared or size >= getattr(field, least)) and (
        most not in field.declared or size <= getattr(field, most)
    )


def _payload(field):
    if field.data_type in (IMAGE, AUDIO, VIDEO):
        # Bytes of an unknown type are accepted: raw audio has none.
        accepted = "%s/*, application/octet-stream" % Types[field.data_type]
        return {"type": "string", "format": "file", "contentMediaType": accepted}
    if isinstance(field, JsonBodyField):
        return {"type": ["object", "array", "string"]}
    schema = {"type": "string"}
    example = field.value.decode("utf-8", "ignore") if isinstance(getattr(field, "value", None), bytes) else ""
    return dict(schema, examples=[example]) if example.strip() else schema


def _result(field):
    if field.data_type in (IMAGE, AUDIO, VIDEO):
        return {"type": "string", "format": "file", "contentMediaType": "%s/*" % Types[field.data_type]}
    return {} if isinstance(field, JsonBodyField) else {"type": "string"}


def _one_or_many(schema):
    """Several results of one name are a list."""
    return {"anyOf": [schema, {"type": "array", "items": schema}]} if schema else {}


def _in_place(field, schema):
    words = {"title": field.title, "description": field.description}
    return {**{key: str(text) for key, text in words.items() if text}, **schema}
