"""The arguments of predict or train. The model declares them once as webargs fields. They are published as JSON
Schema, and marshmallow itself checks them in every run. Called by run_deepaas.py."""
import copy

from deepaas.model.v2.wrapper import UploadedFile

from ...errors import InvalidInput, SetupError
from ...values.input_file import InputFile
from .errors import invalid_arguments
from .fields import default_of, object_schema
from .library import marshmallow


class Arguments:
    """`fields`: by name, as the model gave them. `schema`: their JSON Schema. A model without arguments needs no
    library."""

    def __init__(self, fields, name):
        """`name`: the name of the function that gave the fields."""
        if not isinstance(fields, dict):
            raise SetupError("%s gives a %s; it must give a dict of webargs fields" % (name, type(fields).__name__))
        self.fields = fields
        self._schema = marshmallow().Schema.from_dict(fields)() if fields else None
        self.schema = {"type": "object", "additionalProperties": True}
        if fields:
            self.schema = object_schema(self._schema, "exclude")

    def load(self, given):
        """The arguments for the call. Arguments that the model does not know are ignored. Raises InvalidInput that
        says for each argument what marshmallow refuses."""
        if given is None:
            given = {}
        if not isinstance(given, dict):
            raise InvalidInput("the input is no object of arguments", {"status": 422, "errors": {}})
        if self._schema is None:
            return {}
        library = marshmallow()
        data = {name: _with_uploads(name, value) for name, value in given.items()}
        for name, field in self._schema.load_fields.items():
            key = name if field.data_key is None else field.data_key
            # In a form, a list of one value looks the same as the value.
            if is_list(field, library) and data.get(key) is not None and not isinstance(data[key], (list, tuple)):
                data[key] = [data[key]]
        try:
            loaded = self._schema.load(data, unknown=library.EXCLUDE)
        except library.ValidationError as error:
            raise invalid_arguments(error.normalized_messages()) from error
        return {name: self._own(value) for name, value in loaded.items()}

    def _own(self, value):
        """A default is one object for all runs, and the model may change the object that it gets. So each run gets a
        copy."""
        if isinstance(value, (list, dict, set)) and any(value is default_of(field) for field in self.fields.values()):
            return copy.deepcopy(value)
        return value


def is_list(field, library):
    return isinstance(field, library.fields.List) and not hasattr(field, "delimiter")


def _with_uploads(name, value):
    if isinstance(value, InputFile):
        return UploadedFile(name, value.path, value.content_type, original_filename=value.name)
    if isinstance(value, list):
        return [_with_uploads(name, item) for item in value]
    if isinstance(value, dict):
        return {key: _with_uploads(name, item) for key, item in value.items()}
    return value
