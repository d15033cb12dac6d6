"""The declaration of a predictor's method or function, whatever decorators did to it. Cog reads declarations from
the source, so a decorator without functools.wraps does not hide them. Here the source is read only when the function
itself does not show its declaration. Called by load.py and setup.py."""
import __future__

import ast
import inspect
import sys
import types

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Decorators of Cog itself, whose marks are part of the declaration.
_MARKS = ("concurrent", "streaming")


def declared(call, name, module=None):
    """`call`, a function or bound method, as its author declared it: for its signature, annotations, docstring and
    marks. The result must not be called. `name`: the name of the attribute. `module`: the module of a function."""
    function = inspect.unwrap(call)
    if getattr(function, "__name__", None) == name and not _takes_anything(function):
        return function
    owner = getattr(call, "__self__", None)
    if module is not None:
        return _from_source(_body_of_module(module), name, module, {}) or function
    for base in type(owner).__mro__:
        if name in vars(base):
            module = sys.modules.get(base.__module__)
            found = module and _from_source(_body_of_class(module, base), name, module, dict(vars(base)))
            return types.MethodType(found, owner) if found else function
    return function


def _takes_anything(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters)


def _body_of_module(module):
    try:
        with open(module.__file__, "rb") as file:
            return ast.parse(file.read()).body
    except (AttributeError, OSError, SyntaxError, ValueError, TypeError):
        return []


def _body_of_class(module, cls):
    body = _body_of_module(module)
    for step in cls.__qualname__.split("."):
        found = [node for node in body if isinstance(node, ast.ClassDef) and node.name == step]
        body = found[-1].body if found else []
    return body


def _from_source(body, name, module, names):
    """The last function of that name in the body, made anew without its code and its decorators. None when there is
    none, or when the declaration needs something that is not there."""
    found = [node for node in body if isinstance(node, _FUNCTIONS) and node.name == name]
    if not found:
        return None
    node = found[-1]
    has_doc = ast.get_docstring(node) is not None
    node.body = [*(node.body[:1] if has_doc else []), ast.Pass()]
    node.decorator_list = [one for one in node.decorator_list if _name_of(one) in _MARKS]
    tree = ast.fix_missing_locations(ast.Module(body=[node], type_ignores=[]))
    # The file's own setting decides whether annotations are texts.
    flags = __future__.annotations.compiler_flag if getattr(module, "annotations", None) is __future__.annotations else 0
    try:
        exec(compile(tree, module.__file__, "exec", flags, dont_inherit=True), vars(module), names)
    except Exception:
        return None
    return names[name]


def _name_of(decorator):
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(called, "attr", None) or getattr(called, "id", None)
