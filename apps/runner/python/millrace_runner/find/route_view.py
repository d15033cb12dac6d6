"""Tells a web framework's view function from a model's predict. Called by detect.py, which reads sources, and by the
convention `predict`, which has the module loaded."""
import ast
import inspect
import textwrap

# `@app.route(...)` of Flask and Blueprint, `@app.post(...)` of FastAPI, routers, aiohttp and the like.
_ROUTES = frozenset(("route", "get", "post", "put", "patch", "delete", "head", "options", "api_route", "websocket", "view"))


def is_view(node):
    """For a function of a syntax tree: whether a decorator makes it a view."""
    return any(_is_route(decorator) for decorator in node.decorator_list)


def is_decorated_view(function):
    """For a function: the same, by its source; False when that can't be read."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    node = tree.body[0] if tree.body else None
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and is_view(node)


def _is_route(decorator):
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in _ROUTES
