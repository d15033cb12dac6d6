"""Turns the result of predict into the form that the caller asked for: JSON, or a file of a media type that the
model declares by its argument `accept`. Called by run_deepaas.py."""
import io
import mimetypes
import os
import pathlib

from deepaas.model.v2.wrapper import ReturnedFile

from ...errors import InvalidOutput, SetupError
from ...values.output_file import OutputFile
from .errors import in_words
from .fields import choices_of, default_of, object_schema
from .library import marshmallow

JSON = "application/json"
ANY = "*/*"
_WRAPPED = {
    "type": "object",
    "properties": {"status": {"const": "OK"}, "predictions": {"description": "What predict gives."}},
    "required": ["status", "predictions"],
}


class Accept:
    """The argument `accept`. Its values are taken literally. `*/*`, or no value, means the model's own default. A
    model that declares choices never sees `*/*`: models compare the text, and give nothing for one that they do not
    know."""

    def __init__(self, arguments):
        """`arguments`: the arguments of predict."""
        field = arguments.fields.get("accept")
        self._declared = field is not None
        choices = [value for value in (choices_of(field) or []) if isinstance(value, str)] if self._declared else []
        self.choices = [value for value in choices if value != ANY]
        default = default_of(field) if self._declared else None
        self._default = default if isinstance(default, str) and default != ANY else None
        if self.choices and default not in self.choices:
            self._default = self.choices[0]
        shown = arguments.schema.get("properties", {}).get("accept")
        if shown is not None and self.choices:
            shown.update({"type": "string", "enum": [*self.choices, ANY], "default": self._default})
            shown.pop("anyOf", None)
            arguments.schema["required"] = [name for name in arguments.schema.get("required", []) if name != "accept"]

    def ask(self, given):
        """The input with the media type that the model is asked for."""
        if not self._declared or not isinstance(given, dict) or given.get("accept", ANY) not in (None, ANY):
            return given
        rest = {name: value for name, value in given.items() if name != "accept"}
        return rest if self._default is None else dict(rest, accept=self._default)

    def chosen(self, arguments):
        """The media type that predict was asked for."""
        value = arguments.get("accept")
        return value if self._declared and isinstance(value, str) and value else JSON

    @property
    def file_types(self):
        """The media types other than JSON. `*/*` when any type may be asked for."""
        if not self._declared:
            return []
        return [value for value in self.choices if value != JSON] if self.choices else [ANY]


class Response:
    """`output_schema`: for the manifest. Every legal answer fits it."""

    def __init__(self, declared, accept):
        """`declared`: the model's `schema`."""
        self._schema = schema_of(declared)
        json = object_schema(self._schema) if self._schema else _WRAPPED
        types = [kind.split(";")[0] for kind in accept.file_types]
        files = [{"type": "object", "format": "file", "contentMediaType": kind} for kind in types]
        self.output_schema = {"anyOf": [json, *files]} if files else json

    def encode(self, value, kind):
        """The output for a result of predict, when it was asked for the media type `kind`. Raises InvalidOutput."""
        if kind not in (JSON, ANY):
            return file_of(value, kind)
        if self._schema is None:
            return {"status": "OK", "predictions": file_of(value, None) if isinstance(value, ReturnedFile) else value}
        try:
            self._schema.load(value)
        except marshmallow().ValidationError as error:
            words = in_words(error.normalized_messages())
            raise InvalidOutput("ERROR validating model response: %s" % words) from error
        except Exception as error:
            raise InvalidOutput("ERROR validating model response: %s" % type(error).__name__) from error
        return value


def schema_of(declared):
    """The model's `schema` (a dict of fields, or a marshmallow Schema) as a Schema. None when it has none."""
    if declared is None:
        return None
    library = marshmallow()
    if isinstance(declared, dict):
        return library.Schema.from_dict(declared, name="ModelPredictionResponse")()
    if isinstance(declared, type) and issubclass(declared, library.Schema):
        return declared()
    if isinstance(declared, library.Schema):
        return declared
    raise SetupError("Model defined schema is invalid: it must be a dict of fields, a marshmallow Schema or None")


def file_of(value, kind):
    """A file from predict, with the media type that was asked for (None: its own)."""
    kind = None if kind is None or "*" in kind else kind
    if isinstance(value, str):
        return OutputFile(data=value.encode("utf-8"), name=_name(kind, ".txt"), content_type=kind or "text/plain")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return OutputFile(data=bytes(value), name=_name(kind), content_type=kind)
    if isinstance(value, ReturnedFile):
        name = value.original_filename or _name(kind, os.path.splitext(value.filename)[1])
        return OutputFile(path=value.filename, name=name, content_type=kind or value.content_type)
    if isinstance(value, pathlib.PurePath):
        return OutputFile(path=value, name=_name(kind, value.suffix), content_type=kind)
    if isinstance(value, io.IOBase) or hasattr(value, "read"):
        source = getattr(value, "name", None)
        suffix = os.path.splitext(source)[1] if isinstance(source, str) else None
        return OutputFile(stream=value, name=_name(kind, suffix), content_type=kind)
    raise InvalidOutput("%s was asked for, and predict gave a %s" % (kind or "a file", type(value).__name__))


def _name(kind, suffix=None):
    """None when the type is unknown. Then the bytes are looked at."""
    known = mimetypes.guess_extension(kind.split(";")[0].strip()) if kind else None
    return "output" + (known or suffix) if known or suffix else None
