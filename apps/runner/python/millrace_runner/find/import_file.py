"""Imports a model's file as its author's platform would. Called by the conventions, and by detect.py for the form of a
`ref`."""
import importlib.util
import os
import sys

from ..errors import SetupError


def import_file(path, name):
    """The module. It is registered under `name`, because pickling and dataclasses look it up there. Errors of its
    code are not caught."""
    if not os.path.isfile(path):
        raise SetupError("there is no file %s in the model's folder" % os.path.basename(path))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def split_ref(ref):
    """`file.py:Name` as (file.py, Name); the name is None when it is left out."""
    file, _, name = ref.partition(":")
    return file, name or None


def is_below(folder, path):
    """True when a module's file is in the folder, and not in an environment inside it."""
    if not path:
        return False
    inner = os.path.relpath(os.path.realpath(path), os.path.realpath(folder))
    return not inner.startswith(os.pardir) and not os.path.isabs(inner) and "site-packages" not in inner.split(os.sep)
