"""Lets a class of ours be a field in a model of the real pydantic, of either generation."""


class PydanticField:
    """A mix-in. `validate(value)` of the class returns the value or raises ValueError. `_json_schema` describes it."""

    _json_schema = {}

    @classmethod
    def validate(cls, value):
        if isinstance(value, cls):
            return value
        raise ValueError("expected a %s" % cls.__name__)

    # Pydantic 1.

    @classmethod
    def __get_validators__(cls):
        yield cls.validate

    @classmethod
    def __modify_schema__(cls, field_schema):
        field_schema.update(cls._json_schema)

    # Pydantic 2.

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(cls.validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema, handler):
        return dict(cls._json_schema)
