"""Finds the thing with `predict(data)` in a model's module: the object of an InferenceService, the module itself, an object,
or a class, which is made into one. Called by run_predict.py."""
import inspect
import sys

from ...errors import SetupError
from ...find.import_file import is_below
from ...find.route_view import is_decorated_view
from ..instances import SERVICE, attribute_of, instance_of, is_service, predicts, the_one, with_config


def find_model(module, name, settings):
    """The thing that `file.py:name` names. Without a name: the one service, the module's own predict, the one object
    or the one class. Raises SetupError when there is none, or more than one of the same kind."""
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


def _named(module, wanted):
    """[(name, value)] of the wanted things in the module. A thing with two names is listed once."""
    seen, found = set(), []
    for name, value in list(vars(module).items()):
        if not name.startswith("__") and id(value) not in seen and wanted(value):
            seen.add(id(value))
            found.append((name, value))
    return found


def _services_of_imports(module, folder):
    """Services in modules of the model's folder that this module imports."""
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
    """True when it can be called with the data alone, or with the data and `ctx`."""
    more = {"ctx": None} if takes_context(function) else {}
    try:
        inspect.signature(function).bind(None, **more)
    except TypeError:
        return False
    except ValueError:
        # When the signature can't be read, it is allowed.
        return True
    return True


def takes_context(function):
    """True when one of its parameters is called `ctx`: such a function is given what its run can say and ask."""
    try:
        return "ctx" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _is_registered_view(module, function):
    """True when a Flask application (or a similar one) in the module calls the function for its requests."""
    for value in vars(module).values():
        views = attribute_of(value, "view_functions")
        if isinstance(views, dict) and any(view is function for view in views.values()):
            return True
    return False


def _is_object(value):
    return not (inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value)) and predicts(value)


def _own_objects(module, folder):
    """Objects of classes that this file, or another file of the folder, defines."""

    def is_own(value):
        home = type(value).__module__
        return home == module.__name__ or is_below(folder, getattr(sys.modules.get(home), "__file__", None))

    return _named(module, lambda value: _is_object(value) and is_own(value))


def _objects(module):
    """Objects of any class, such as one of a library that was loaded from a file of weights."""
    return _named(module, _is_object)


def _classes(module):
    """Classes of the file. A service class alone does not count, because it needs a model."""

    def is_model(value):
        own = inspect.isclass(value) and value.__module__ == module.__name__
        return own and predicts(value) and all(kind.__name__ != SERVICE for kind in value.__mro__)

    return _named(module, is_model)


def _only(pairs):
    return the_one([value for _, value in pairs], [name for name, _ in pairs])
