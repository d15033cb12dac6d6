"""Prints as JSON which public names of a package our stand-in has not: missing_names.py <top package>=<its folder> <folder>…
The folders hold the stand-ins. The package is read, not run; the stand-ins are imported. Called by public-names.test.ts."""
import ast
import importlib
import json
import os
import sys

# The stand-ins reach the worker through it.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), *[os.pardir] * 3, "apps", "runner", "python"))


def main(package, folders):
    name, _, folder = package.partition("=")
    sys.path[:0] = folders
    missing = {}
    for module, path in sorted(modules_of(name, folder)):
        try:
            # Also what a module gives when it is asked for it.
            own = importlib.import_module(module)
            lacking = [each for each in public_names(path, name) if not hasattr(own, each)]
        except ImportError:
            lacking = ["*"]
        if lacking:
            missing[module] = lacking
    print(json.dumps(missing))


def modules_of(name, folder):
    for base, _folders, files in os.walk(os.path.join(folder, name)):
        for file in files:
            steps = os.path.relpath(os.path.join(base, file), folder)[:-3].split(os.sep)
            if not file.endswith(".py"):
                continue
            steps = steps[:-1] if steps[-1] == "__init__" else steps
            if not any(step.startswith("_") for step in steps):
                yield ".".join(steps), os.path.join(base, file)


def public_names(path, package):
    """`__all__`, or what is defined at the top or imported from the package itself."""
    with open(path, "rb") as file:
        tree = ast.parse(file.read())
    names, listed = set(), None
    for node in top_of(tree.body):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == package):
            names.update(alias.asname or alias.name for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Assign):
            targets = {target.id for target in node.targets if isinstance(target, ast.Name)}
            names |= targets
            if "__all__" in targets:
                listed = listed_in(node.value)
    return sorted(listed or {name for name in names if not name.startswith("_")})


def listed_in(value):
    try:
        return ast.literal_eval(value)
    except ValueError:
        # Some list what lies in the folder.
        return None


def top_of(body):
    for node in body:
        yield node
        for part in ("body", "orelse", "handlers", "finalbody"):
            if isinstance(node, (ast.If, ast.Try, ast.ExceptHandler)):
                yield from top_of(getattr(node, part, []))


main(sys.argv[1], sys.argv[2:])
