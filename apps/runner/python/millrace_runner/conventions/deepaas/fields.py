"""Describes marshmallow fields as JSON Schema. A schema made here never refuses a value that the fields accept:
fields turn "3" into 3 and "true" into True, and their own validation, which is code, decides last. Where a field is
code that nobody can read, the schema says nothing. A file is the exception: marshmallow would take any value for
one, and the schema does not. Called by arguments.py and response.py."""
import copy
import json
import math
import re

from ...values.json_pattern import json_pattern
from ...values.number_text import DECIMAL, FLOAT, INT, KEYWORD, number_text

_LIBRARIES = ("marshmallow", "webargs")
# Names that a model's own field class may define without a change in what it accepts.
_HARMLESS = {"default_error_messages", "_serialize", "serialize", "_abc_impl"}
# Nested schemas are written out to this depth, because one that holds itself has no end.
_MAX_DEPTH = 8


def object_schema(schema, unknown=None, above=()):
    """The JSON Schema for a marshmallow Schema. `unknown`: include, exclude or raise; None: as the Schema says.
    `above`: the classes of the Schemas around it."""
    if type(schema) in above or len(above) >= _MAX_DEPTH:
        return {}
    if _has_hooks(schema):
        return {"type": "object", "additionalProperties": True} if unknown else {}
    fields = {name if field.data_key is None else field.data_key: field for name, field in schema.load_fields.items()}
    shape = {
        "type": "object",
        "properties": {name: field_schema(field, (*above, type(schema))) for name, field in fields.items()},
        "additionalProperties": (unknown or schema.unknown) != "raise",
    }
    required = [name for name, field in fields.items() if field.required and not schema.partial]
    return dict(shape, required=required) if required else shape


def field_schema(field, above=()):
    """The JSON Schema for one field that is bound to its Schema."""
    kind = _library_class(field)
    if is_file(field):
        media_type = field.metadata.get("content_type") or field.metadata.get("contentMediaType") or "*/*"
        shape = {"type": "string", "format": "file", "contentMediaType": str(media_type)}
    else:
        shape = _KINDS[kind](field, above) if kind in _KINDS else {}
    if field.allow_none:
        shape = _or_null(shape)
    # Who takes arguments over HTTP looks for this one among the headers.
    place = {"x-deepaas-location": "headers"} if field.metadata.get("location") == "headers" else {}
    return {**shape, **_shown_default(field, kind), **_description_of(field), **place}


def is_file(field):
    """True when the field has DEEPaaS's mark for an uploaded file, as a keyword or in `metadata`."""
    return field.metadata.get("type") == "file"


def choices_of(field):
    """The values that a OneOf of the field allows, or None. Values that JSON cannot hold are left out."""
    for validator in _validators(field, "OneOf"):
        if isinstance(validator.choices, (list, tuple, set, frozenset, dict, range)):
            return [value for value in validator.choices if isinstance(value, str) or _is_number(value)]
    return None


def default_of(field):
    """The value of the field when it is absent. marshmallow's own mark when it has none."""
    # The name before marshmallow 3.13.
    return field.load_default if hasattr(field, "load_default") else field.missing


# --- kinds


def _string(field, _above):
    shape = {"type": "string", **_lengths(field, "Length")}
    values = [value for value in choices_of(field) or [] if isinstance(value, str)]
    if values:
        shape["enum"] = values
    patterns = [json_pattern(validator.regex, from_start=True) for validator in _validators(field, "Regexp")]
    return dict(shape, pattern=patterns[0]) if patterns and patterns[0] else shape


def _text(**keywords):
    return lambda _field, _above: {"type": "string", **keywords}


def _float(field, _above):
    values = [value for value in choices_of(field) or [] if _is_number(value)]
    text = number_text(FLOAT, finite=not getattr(field, "allow_nan", True), choices=values or None, **_bounds(field))
    if values:
        return {"anyOf": [{"enum": values}, {"type": "string", **text}]}
    return {"type": ["number", "string"], **_bounds(field), **text}


def _decimal(field, _above):
    # The number is rounded before it is compared.
    bounds = _bounds(field) if field.places is None else {}
    return {"type": ["number", "string"], **bounds, **number_text(DECIMAL, finite=not field.allow_nan, **bounds)}


def _integer(field, _above):
    values = [value for value in choices_of(field) or [] if _is_number(value)]
    if field.strict:
        return {"enum": values} if values else {"type": "integer", **_bounds(field)}
    text = number_text(INT, choices=values or None, **_bounds(field))
    if values:
        fraction = {"type": "number", "not": {"type": "integer"}}
        return {"anyOf": [{"enum": values}, {"type": "string", **text}, fraction]}
    return {"type": ["integer", "number", "string"], **_bounds(field, cut=True), **text}


def _boolean(field, _above):
    if not field.truthy:
        return {}
    words = sorted(word for word in {*field.truthy, *field.falsy} if isinstance(word, str))
    return {"type": ["boolean", "number", "string"], "pattern": "^(?:%s)$" % "|".join(map(_literally, words))}


def _moment(field, _above):
    return {"type": ["number", "string"] if str(field.format).startswith("timestamp") else "string"}


def _list(field, above):
    return {"type": "array", "items": field_schema(field.inner, above), **_lengths(field, "Items")}


def _delimited(field, _above):
    # Old releases of webargs also take a list.
    new = any(kind.__name__ == "DelimitedFieldMixin" for kind in type(field).__mro__)
    return {"type": "string" if new else ["string", "array"], **_numbers_in_text(field)}


def _numbers_in_text(field):
    """The rule for the numbers in a list that is one text."""
    inner = getattr(field, "inner", None)
    if inner is None or _library_class(inner) not in ("Integer", "Float", "Decimal") or inner.allow_none:
        return {}
    shape = field_schema(inner)
    said = [part for part in shape.get("anyOf", [shape]) if KEYWORD in part]
    return {KEYWORD: dict(said[0][KEYWORD], split=field.delimiter or ",")} if said else {}


def _tuple(field, above):
    items = [field_schema(inner, above) for inner in field.tuple_fields]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _dict(field, above):
    shape = {"type": "object", "additionalProperties": True, **_lengths(field, "Properties")}
    inner = getattr(field, "value_field", None)
    return dict(shape, additionalProperties=field_schema(inner, above)) if inner is not None else shape


def _nested(field, above):
    schema = field.schema
    shape = object_schema(schema, field.unknown, above)
    return {"type": "array", "items": shape, **_lengths(field, "Items")} if schema.many or field.many else shape


def _enumeration(field, _above):
    return {} if field.by_value else {"enum": list(field.enum.__members__)}


_KINDS = {
    "String": _string,
    "Url": _text(format="iri"),
    "Email": _text(format="idn-email"),
    "UUID": _text(),
    "IP": _text(),
    "IPv4": _text(),
    "IPv6": _text(),
    "Float": _float,
    "Number": _float,
    "Decimal": _decimal,
    "Integer": _integer,
    "Boolean": _boolean,
    "DateTime": _moment,
    "NaiveDateTime": _moment,
    "AwareDateTime": _moment,
    "Date": _moment,
    "Time": _moment,
    "TimeDelta": lambda _field, _above: {"type": ["number", "string"]},
    "List": _list,
    "DelimitedList": _delimited,
    "DelimitedTuple": _delimited,
    "Tuple": _tuple,
    "Dict": _dict,
    "Mapping": _dict,
    "Nested": _nested,
    "Enum": _enumeration,
}


# --- parts


def _library_class(field):
    """The name of the library's class whose validation the field has. None when the model wrote its own."""
    for kind in type(field).__mro__:
        if kind.__module__.split(".")[0] in _LIBRARIES:
            return kind.__name__
        if any(not name.startswith("__") and name not in _HARMLESS for name in vars(kind)):
            return None
    return None


def _has_hooks(schema):
    """True when a Schema's own code sees the data before its fields do."""
    kind = type(schema)
    hooks = [getattr(getattr(kind, name, None), "__marshmallow_hook__", None) or {} for name in dir(kind)]
    names = {tag[0] if isinstance(tag, tuple) else tag for hook in hooks for tag in hook}
    own_load = any("load" in vars(each) for each in kind.__mro__ if each.__module__.split(".")[0] not in _LIBRARIES)
    return "pre_load" in names or own_load


def _validators(field, name):
    """The field's validators of that class of marshmallow, including those inside an And."""
    found, waiting = [], list(field.validators)
    while waiting:
        validator = waiting.pop(0)
        kind = type(validator)
        if kind.__module__.split(".")[0] not in _LIBRARIES:
            continue
        if kind.__name__ == "And":
            waiting.extend(validator.validators)
        elif kind.__name__ == name:
            found.append(validator)
    return found


def _lengths(field, suffix):
    """The keywords for the `Length` of a text, list or dict."""
    for validator in _validators(field, "Length"):
        least, most = (validator.min, validator.max) if validator.equal is None else (validator.equal, validator.equal)
        return {key + suffix: value for key, value in (("min", least), ("max", most)) if value is not None}
    return {}


def _bounds(field, cut=False):
    """The keywords for the `Range` of a number. `cut`: a fraction is cut off before the comparison, so 5.9 counts as
    5."""
    for validator in _validators(field, "Range"):
        low = (validator.min, validator.min_inclusive) if _is_number(validator.min) else None
        high = (validator.max, validator.max_inclusive) if _is_number(validator.max) else None
        return {**_bound("min", 1, low, cut), **_bound("max", -1, high, cut)}
    return {}


def _bound(name, sign, bound, cut):
    """One keyword. `sign` is 1 for a lower bound and -1 for an upper bound, which mirrors it."""
    if bound is None:
        return {}
    value, inclusive = sign * bound[0], bound[1]
    if cut:
        least = math.ceil(value) if inclusive else math.floor(value) + 1
        value, inclusive = (least, True) if least > 0 else (least - 1, False)
    keyword = name + "imum" if inclusive else "exclusive%simum" % name.capitalize()
    return {keyword: sign * value}


def _or_null(shape):
    if not shape:
        return shape
    if "type" not in shape or shape.get("format") == "file":
        shapes = shape["anyOf"] if set(shape) == {"anyOf"} else [shape]
        return {"anyOf": [*shapes, {"type": "null"}]}
    types = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    return {**shape, "type": [*types, "null"], **({"enum": [*shape["enum"], None]} if "enum" in shape else {})}


def _shown_default(field, kind):
    """Shows only a default that stays the same when it is sent: a reader of the schema may fill it in, and then it
    is validated."""
    value = default_of(field)
    if callable(value) or kind is None:
        return {}
    try:
        text = json.dumps(value, allow_nan=False)
        plain = json.loads(text)
        sent = json.dumps(field.deserialize(copy.deepcopy(plain)), allow_nan=False)
        return {"default": plain} if sent == text else {}
    except Exception:
        # The model's validators may raise anything. Then the default cannot be shown.
        return {}


def _description_of(field):
    words = {key: str(field.metadata[key]) for key in ("title", "description") if field.metadata.get(key)}
    # For DEEPaaS, `enum` beside the validators is documentation: it refuses nothing.
    examples = field.metadata.get("enum")
    if isinstance(examples, (list, tuple)) and choices_of(field) is None:
        words["examples"] = [value for value in examples if isinstance(value, str) or _is_number(value)]
    return words


def _literally(text):
    """The text as a pattern of JSON Schema."""
    return re.sub(r"([\\/.*+?^$|(){}\[\]])", r"\\\1", text)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
