"""Finds a predictor in its file and makes it: a class with `predict` or `run`, or a function. Called by run_cog.py."""
import inspect
import os

from cog._sdk import at_least
from cog.coder import Coder
from cog.predictor import BasePredictor, BaseRunner

from ...errors import SetupError
from ...find.import_file import import_file, split_ref
from .signature import declared

PREDICTING = ("run", "predict")
TRAINING = ("train",)


class Predictor:
    """`target`: the instance or the function. `call`: the function to call for a run. `declared`: the same function
    as its author wrote it, which shows its inputs and output. `has_setup`: whether it has a setup."""

    def __init__(self, target, call, name, module=None):
        """`name`: the name of `call` in the module or in the class of the target."""
        self.target = target
        self.call = call
        self.declared = declared(call, name, module)
        self.has_setup = target is not call and callable(getattr(target, "setup", None))


class Loader:
    """Imports each file once, and makes one instance of a class that both predicts and trains."""

    def __init__(self, folder):
        self._folder = folder
        self._modules = {}
        self._made = {}

    def load(self, ref, methods):
        """Loads what `file.py:Name` names, or without a name what is usual. `methods`: the possible names of the
        method. Raises SetupError, and any error of the model's file."""
        file, name = split_ref(ref)
        module = self._import(file)
        found = getattr(module, name, None) if name else _unnamed(module, methods)
        if found is None:
            raise SetupError("%s has no %s" % (file, name or "class Runner or Predictor, nor such a function"))
        if not inspect.isclass(found):
            if not callable(found):
                raise SetupError("%s is neither a class nor a function" % name)
            is_instance = _method_of(type(found), methods) is not None
            if is_instance:
                return self._of_instance(found, methods)
            return Predictor(found, found, name or _name_in(module, found), module)
        if found not in self._made:
            _method_of(found, methods, strict=True)
            self._made[found] = found()
        return self._of_instance(self._made[found], methods)

    @staticmethod
    def _of_instance(instance, methods):
        name = _method_of(type(instance), methods, strict=True)
        return Predictor(instance, getattr(instance, name), name)

    def _import(self, file):
        path = os.path.join(self._folder, file)
        if path not in self._modules:
            module = import_file(path, os.path.splitext(os.path.basename(file))[0])
            self._modules[path] = module
            for value in list(vars(module).values()):
                if inspect.isclass(value) and issubclass(value, Coder) and value is not Coder:
                    Coder.register(value)
        return self._modules[path]


def _method_of(cls, methods, strict=False):
    """The method that the author defined. `strict`: raises SetupError when there is none. Two of them are always an
    error."""
    own = [base for base in cls.__mro__ if base not in (BaseRunner, BasePredictor, object)]
    found = [method for method in methods if any(callable(vars(base).get(method)) for base in own)]
    if len(found) > 1 and not at_least(0, 20):
        # Before Cog 0.20 a method `run` had no special meaning.
        found = ["predict"]
    if len(found) > 1:
        raise SetupError("%s must define either run() or predict(), not both" % cls.__name__)
    if not found and strict:
        raise SetupError("%s has no method %s" % (cls.__name__, " or ".join(methods)))
    return found[0] if found else None


def _name_in(module, value):
    return next(name for name, other in vars(module).items() if other is value)


def _unnamed(module, methods):
    for name in ("Runner", "Predictor", "Trainer"):
        found = getattr(module, name, None)
        if inspect.isclass(found) and _method_of(found, methods):
            return found
    functions = [getattr(module, name) for name in methods if inspect.isfunction(getattr(module, name, None))]
    if functions:
        return functions[0]
    own = [value for value in vars(module).values() if inspect.isclass(value) and value.__module__ == module.__name__]
    fitting = [value for value in own if _method_of(value, methods)]
    if len(fitting) > 1:
        raise SetupError("%s could all be meant; name one by `ref:`" % ", ".join(value.__name__ for value in fitting))
    return fitting[0] if fitting else None
