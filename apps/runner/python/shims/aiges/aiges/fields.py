"""The classes by which a wrapper declares its inputs and outputs, as attributes of its request and response classes."""
import base64
import os
import sys

from aiges.core.types import AUDIO, IMAGE, STRING

_UNSET = object()


class Field:
    """`declared`: names of the constraints that the wrapper states itself, apart from the platform's defaults."""

    def __init__(self, key, data_type, description="", title=""):
        self.key = key
        self.data_type = data_type
        self.description = description
        self.title = title
        self.declared = set()

    def _take(self, name, value, default):
        if value is not _UNSET:
            self.declared.add(name)
        setattr(self, name, default if value is _UNSET else value)

    @property
    def test_value(self):
        """The value for a debug run."""
        raise NotImplementedError("%s has no test value" % type(self).__name__)

    def __str__(self):
        return "<%s:%s>" % (type(self).__name__, self.key)


class ParamField(Field):
    """A parameter: text, a number or a boolean."""

    @property
    def test_value(self):
        return self.value


class PayloadField(Field):
    """A piece of data: text, JSON, an image or audio."""


class StringParamField(ParamField):
    def __init__(
        self, key, minLength=_UNSET, maxLength=_UNSET, enums=None, required=False, value=_UNSET, description="",
        title="",
    ):  # fmt: skip
        super().__init__(key, "string", description, title)
        self._take("min_length", minLength, 0)
        self._take("max_length", maxLength, 1024)
        self._take("value", value, "")
        self.enums = list(enums or [])
        self.required = required


class _NumericParamField(ParamField):
    def __init__(
        self, key, minimum=_UNSET, maximum=_UNSET, enums=None, required=False, value=_UNSET, description="", title=""
    ):
        super().__init__(key, self.kind, description, title)
        self._take("minimum", minimum, 0)
        self._take("maximum", maximum, 100)
        self._take("value", value, 0)
        self.enums = list(enums or [])
        self.required = required


class NumberParamField(_NumericParamField):
    kind = "number"


class IntegerParamField(_NumericParamField):
    kind = "integer"


class BooleanParamField(ParamField):
    def __init__(self, key, title="", default=_UNSET, required=False, description=""):
        super().__init__(key, "boolean", description, title)
        self._take("value", default, False)
        self.default = self.value
        self.enums = []
        self.required = required


class StringBodyField(PayloadField):
    """`value`: bytes, or text, which old wrappers give."""

    def __init__(
        self, key, value=b" ", need_base64=False, encoding="utf8", format="plain", compress="raw", status=3,
        description="", title="",
    ):  # fmt: skip
        super().__init__(key, STRING, description, title)
        if isinstance(value, str):
            sys.stderr.write("StringBodyField %s: the value should be bytes\n" % key)
            value = value.encode("utf-8")
        self.value = value
        self.need_base64 = need_base64
        self.encoding = encoding
        self.format = format
        self.compress = compress
        self.status = status

    @property
    def test_value(self):
        return base64.b64encode(self.value) if self.need_base64 else self.value


class JsonBodyField(PayloadField):
    def __init__(self, key, value="", need_base64=False, description="", title=""):
        super().__init__(key, STRING, description, title)
        self.value = value
        self.need_base64 = need_base64

    @property
    def test_value(self):
        value = self.value.encode("utf-8") if isinstance(self.value, str) else self.value
        return base64.b64encode(value) if self.need_base64 else value


class _FileBodyField(PayloadField):
    missing = b""
    need_base64 = False

    @property
    def test_value(self):
        if not os.path.exists(self.path):
            return self.missing
        with open(self.path, "rb") as file:
            data = file.read()
        return base64.b64encode(data) if self.need_base64 else data


class ImageBodyField(_FileBodyField):
    missing = b"<your image base64 here>"

    def __init__(self, key, path="", need_base64=False, encoding=_UNSET, status=3, description="", title=""):
        super().__init__(key, IMAGE, description, title)
        self._take("encoding", encoding, "jpg")
        self.path = path
        self.need_base64 = need_base64
        self.status = status


class AudioBodyField(_FileBodyField):
    def __init__(
        self, key, path="", encoding=_UNSET, format="plain", compress="raw", status=3, description="", title=""
    ):
        super().__init__(key, AUDIO, description, title)
        self._take("encoding", encoding, "raw")
        self.path = path
        self.format = format
        self.compress = compress
        self.status = status


class DeclaredFields:
    """The declarations of a wrapper: `inputs` and `params` of its request and `accepts` of its response, each a list
    of fields. `request` and `response`: whether there is such a class at all. Inherited fields count."""

    def __init__(self, wrapper):
        """`wrapper`: an instance or its class."""
        self.request = getattr(wrapper, "requestCls", None) is not None
        self.response = getattr(wrapper, "responseCls", None) is not None
        asked = _attributes_of(getattr(wrapper, "requestCls", None))
        given = _attributes_of(getattr(wrapper, "responseCls", None))
        self.inputs = [field for _, field in asked if isinstance(field, PayloadField)]
        self.params = [field for _, field in asked if isinstance(field, ParamField)]
        self.accepts = [
            field
            for name, field in given
            if isinstance(field, PayloadField) or (name.startswith("accept") and isinstance(field, Field))
        ]


def _attributes_of(holder):
    """The attributes of the classes above, of its class and its own, in the order in which they were written."""
    if holder is None:
        return []
    found = {}
    classes = holder if isinstance(holder, type) else type(holder)
    for one in reversed(classes.__mro__):
        found.update(vars(one))
    if not isinstance(holder, type):
        found.update(getattr(holder, "__dict__", {}))
    return list(found.items())
