"""Makes the object that is asked to predict: from a name, from a class called with its config, or as the only one
among several. Called by the conventions `predict` and `deepaas`."""
import inspect

from ..errors import SetupError

SERVICE = "InferenceService"
_HINT = "name one by `ref: file.py:name` in millrace.yaml"
_UNSEEN = (
    "nothing in the file has predict(data); what is made inside of a function or below `if __name__ == \"__main__\"` is "
    "not seen: make it at the top of the file, or name a class by `ref: file.py:Name` in millrace.yaml"
)


def the_one(things, names):
    """The only one of the things. `names`: for the message when there are more. Raises SetupError."""
    if not things:
        raise SetupError(_UNSEEN)
    if len(things) > 1:
        raise SetupError("%s all have predict(data); %s" % (", ".join(names), _HINT))
    return things[0]


def instance_of(thing, config):
    """The thing itself when it is not a class. Else an object of the class, made with the config."""
    if inspect.isfunction(thing):
        return _Function(thing)
    if not inspect.isclass(thing):
        return with_config(thing, config) if is_service(thing) else thing
    if not config:
        return thing()
    # A class that takes a `config` gets the whole config. Any other gets its arguments by name.
    if "config" in inspect.signature(thing).parameters:
        return thing(config=config)
    return thing(**config)


def with_config(service, config):
    """The settings in millrace.yaml win over those that the program gave to its service."""
    if config and isinstance(getattr(service, "config", None), dict):
        service.config = dict(service.config, **config)
    return service


def is_service(value):
    """True for an object of InferenceService or of a class made from it. It does not matter whether our stand-in or
    the model's author wrote that class."""
    if inspect.isclass(value) or not any(kind.__name__ == SERVICE for kind in type(value).__mro__):
        return False
    return predicts(value) or callable(attribute_of(value, "infer"))


def predicts(value):
    return callable(attribute_of(value, "predict"))


def attribute_of(value, name):
    """Some objects in a program, such as Flask's `request`, raise on any access outside of a request."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


class _Function:
    """A plain function as a model."""

    def __init__(self, function):
        self.predict = function
        self.__doc__ = function.__doc__
