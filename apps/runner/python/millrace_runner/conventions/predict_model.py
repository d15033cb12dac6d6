"""Finds the thing with `predict(data)` in a model's module: the object of an InferenceService, the module itself, an object,
or a class, which is made into one. Called by the `predict` convention; deepaas.py makes its classes here too."""
import inspect
import sys

from ..errors import SetupError
from ..import_file import is_below
from ..route_view import is_decorated_view

SERVICE = "InferenceService"
_HINT = "name one by `ref: file.py:name` in millrace.yaml"
_UNSEEN = (
    "nothing in the file has predict(data); what is made inside of a function or below `if __name__ == \"__main__\"` is "
    "not seen: make it at the top of the file, or name a class by `ref: file.py:Name` in millrace.yaml"
)


def find_model(module, name, settings):
    """What `file.py:name` names; else the one service, the module's own predict, the one object or the one class. Raises
    SetupError when there is none, or more than one of the same kind."""
    config = settings.config
    if name is not None:
        if not hasattr(module, name):
            raise SetupError("the file has no %s" % name)
        return instance_of(getattr(module, name), config)
    services = _named(module, is_service) or _services_of_imports(module, settings.folder)
    if services:
        return with_config(_only(services), config)
    if _is_plain_predict(module):
        return module
    for places in (_own_objects(module, settings.folder), _objects(module)):
        if places:
            return _only(places)
    return instance_of(_only(_classes(module)), config)


def is_service(value):
    """An object of InferenceService or of a class made from it, whoever wrote that: our stand-in or the model's author."""
    if inspect.isclass(value) or not any(kind.__name__ == SERVICE for kind in type(value).__mro__):
        return False
    return predicts(value) or callable(_attribute(value, "infer"))


def predicts(value):
    return callable(_attribute(value, "predict"))


def _attribute(value, name):
    """Some things of a program, such as Flask's `request`, raise whatever they are asked outside of a request."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def the_one(things, names):
    """The only one of the things; `names` are for the message when there are more. Raises SetupError."""
    if not things:
        raise SetupError(_UNSEEN)
    if len(things) > 1:
        raise SetupError("%s all have predict(data); %s" % (", ".join(names), _HINT))
    return things[0]


def instance_of(thing, config):
    """The thing itself when it is no class; else an object of it, made with the config."""
    if inspect.isfunction(thing):
        return _Function(thing)
    if not inspect.isclass(thing):
        return with_config(thing, config) if is_service(thing) else thing
    if not config:
        return thing()
    # A class that takes a config gets it whole; else its arguments by name.
    if "config" in inspect.signature(thing).parameters:
        return thing(config=config)
    return thing(**config)


def with_config(service, config):
    """What millrace.yaml says wins over what the program gave its service."""
    if config and isinstance(getattr(service, "config", None), dict):
        service.config = dict(service.config, **config)
    return service


class _Function:
    """A plain function as a model."""

    def __init__(self, function):
        self.predict = function
        self.__doc__ = function.__doc__


def _named(module, wanted):
    """[(name, value)] of what the module holds and is wanted; a thing with two names is there once."""
    seen, found = set(), []
    for name, value in list(vars(module).items()):
        if not name.startswith("__") and id(value) not in seen and wanted(value):
            seen.add(id(value))
            found.append((name, value))
    return found


def _services_of_imports(module, folder):
    """Services that lie in modules of the model's folder which this one imports."""
    found = []
    for _name, value in _named(module, inspect.ismodule):
        if is_below(folder, getattr(value, "__file__", None)):
            found.extend(pair for pair in _named(value, is_service) if all(pair[1] is not other for _, other in found))
    return found


def _is_plain_predict(module):
    function = getattr(module, "predict", None)
    if not callable(function):
        return False
    if inspect.isfunction(function):
        return takes_data(function) and not is_decorated_view(function) and not _is_registered_view(module, function)
    return not inspect.isclass(function)


def takes_data(function):
    """Whether it can be called with the data alone."""
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:
        # A signature that can't be read refuses nothing.
        return True
    return True


def _is_registered_view(module, function):
    """Whether a Flask application (or one like it) in the module calls the function for its requests."""
    for value in vars(module).values():
        views = _attribute(value, "view_functions")
        if isinstance(views, dict) and any(view is function for view in views.values()):
            return True
    return False


def _is_object(value):
    return not (inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)) and predicts(value)


def _own_objects(module, folder):
    """Objects of classes that the file, or another one of the folder, defines."""

    def is_own(value):
        home = type(value).__module__
        return home == module.__name__ or is_below(folder, getattr(sys.modules.get(home), "__file__", None))

    return _named(module, lambda value: _is_object(value) and is_own(value))


def _objects(module):
    """Any object, such as one of a library that was loaded from a file of weights."""
    return _named(module, _is_object)


def _classes(module):
    """Classes of the file. A service class alone says nothing: it wants a model."""

    def is_model(value):
        own = inspect.isclass(value) and value.__module__ == module.__name__
        return own and predicts(value) and all(kind.__name__ != SERVICE for kind in value.__mro__)

    return _named(module, is_model)


def _only(pairs):
    return the_one([value for _, value in pairs], [name for name, _ in pairs])
