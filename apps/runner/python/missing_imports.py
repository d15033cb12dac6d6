"""`python missing_imports.py '<settings as JSON>'`: prints as a JSON list the packages that the model's file imports
first and that this Python cannot find. Without them the model cannot be loaded. It runs none of the model's code.
Started by the host before it loads a model."""
import ast
import importlib.util
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [here] + [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
sys.dont_write_bytecode = True

from millrace_runner.find.detect import detect  # noqa: E402
from millrace_runner.errors import SetupError  # noqa: E402
from millrace_runner.main import prepare_path  # noqa: E402
from millrace_runner.settings import Settings  # noqa: E402


def missing_imports(settings):
    try:
        found = detect(settings)
        with open(found.file or os.devnull, "rb") as file:
            names = first_imports(ast.parse(file.read()))
    except (SetupError, OSError, SyntaxError, ValueError):
        # Any other fault of the model is reported when the model is loaded.
        return []
    prepare_path(settings.folder, found.convention)
    return [name for name in names if not can_be_found(name)]


def first_imports(module):
    """Reads only the block of imports at the top. Later imports may depend on it, or may come from a place that
    earlier code has set."""
    names = []
    for node in module.body:
        if isinstance(node, ast.Import):
            names += [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module.split(".")[0]] if node.level == 0 else []
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            break
    return list(dict.fromkeys(names))


def can_be_found(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return name in sys.modules


if __name__ == "__main__":
    print(json.dumps(missing_imports(Settings(sys.argv[1]))))
