"""Makes the document that describes a wrapper to the AIGES platform. It also has the lower bounds, which the
platform's own generator leaves out."""
from aiges.core.types import AUDIO, IMAGE, Types
from aiges.fields import BooleanParamField, DeclaredFields, StringParamField

_TEXT = {"type": "string", "maxLength": 50}
_HEADER = (
    "appid", "uid", "device_id", "device.imei", "device.imsi", "device.mac", "device.other", "net.type", "net.isp",
    "app.ver",
)  # fmt: skip
_STATUS = {"type": "integer", "enum": [0, 1, 2, 3]}


def schema_document(wrapper):
    """Returns a dict for a wrapper or its class. Raises AttributeError without serviceId or version, and ValueError
    when no input or no output is declared."""
    fields = DeclaredFields(wrapper)
    if not fields.inputs:
        raise ValueError("the wrapper declares no input: its requestCls needs at least one body field")
    if not fields.accepts:
        raise ValueError("the wrapper declares no output: its responseCls needs at least one body field")
    service = wrapper.serviceId
    return {
        "meta": _meta(wrapper, fields),
        "schemainput": {
            "type": "object",
            "properties": {
                "header": {
                    "type": "object",
                    "properties": {name: dict(_TEXT) for name in _HEADER},
                    "required": ["appid"],
                },
                "parameter": {"type": "object", "properties": {service: _parameters(fields.params)}},
                "payload": _payload(fields.inputs),
            },
        },
        "schemaoutput": {"type": "object", "properties": {"payload": _payload(fields.accepts)}},
    }


def _meta(wrapper, fields):
    service, version = wrapper.serviceId, wrapper.version
    call_type = str(getattr(wrapper, "call_type", 0))
    return {
        "serviceId": service,
        "version": version,
        "route": getattr(wrapper, "route", "/%s/private/%s" % (version, service)),
        "sub": getattr(wrapper, "sub", "ase"),
        "call": getattr(wrapper, "call", "atmos"),
        "call_type": int(call_type) if call_type.isdigit() else call_type,
        "hosts": "api.xf-yun.com",
        "service": [service],
        "routeKey": [],
        service: {
            "input": {field.key: {"dataType": Types[field.data_type]} for field in fields.inputs},
            "accept": {field.key: {"dataType": Types[field.data_type]} for field in fields.accepts},
        },
    }


def _parameters(params):
    return {
        "type": "object",
        "properties": {field.key: _parameter(field) for field in params},
        "required": [field.key for field in params if field.required],
    }


def _parameter(field):
    if isinstance(field, BooleanParamField):
        return {"type": "boolean", "default": field.value}
    if field.enums:
        return {"type": field.data_type, "enum": field.enums}
    if isinstance(field, StringParamField):
        return {"type": field.data_type, "minLength": field.min_length, "maxLength": field.max_length}
    return {"type": field.data_type, "minimum": field.minimum, "maximum": field.maximum}


def _payload(fields):
    bodies = {field.key: {"type": "object", "properties": _body(field)} for field in fields}
    return {"type": "object", "properties": bodies}


def _body(field):
    if field.data_type == IMAGE:
        return {
            "encoding": {"type": "string", "enum": ["jpg", "png", "bmp", "jpeg"]},
            "image": {"type": "string", "minLength": 1, "maxLength": 10485760},
            "status": {"type": "integer", "enum": [3]},
        }
    if field.data_type == AUDIO:
        return {
            "encoding": {"type": "string", "enum": ["opus", "speex"]},
            "sample_rate": {"type": "integer", "enum": [8000, 16000]},
            "bit_depth": {"type": "integer", "enum": [8, 16]},
            "channels": {"type": "integer", "enum": [1, 2]},
            "status": dict(_STATUS),
            "seq": {"type": "integer"},
            "audio": {"type": "string"},
        }
    return {
        "encoding": {"type": "string", "enum": ["utf8", "gb2312"]},
        "compress": {"type": "string", "enum": ["gzip"]},
        "status": dict(_STATUS),
        "seq": {"type": "integer"},
        "text": {"type": "string"},
    }
