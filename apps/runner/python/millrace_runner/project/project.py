"""Reads from a folder's project files (pyproject.toml, setup.cfg, setup.py) which packages the project has and how
it describes itself, so that a clone that was never installed can be imported. It runs none of the files. Called by
the convention `deepaas`."""
import ast
import configparser
import os
import re

from .project_text import project_text
from .project_toml import read_toml

_FILES = ("pyproject.toml", "setup.cfg", "setup.py")


class Project:
    """`package_dirs`: {package: folder}, absolute. `roots`: folders that hold packages, absolute, without that of
    the project. `metadata`: {name, version, summary, author, license}; a key without a value is left out."""

    def __init__(self, folder):
        self.folder = folder
        self._toml = read_toml(project_text(os.path.join(folder, "pyproject.toml")))
        self._cfg = _read_cfg(os.path.join(folder, "setup.cfg"))
        self._setup = _setup_arguments(os.path.join(folder, "setup.py"))
        dirs = {**self._dirs_of_setup(), **self._dirs_of_cfg(), **self._dirs_of_toml()}
        roots = [dirs.pop("", None), *self._searched(), "src"]
        self.package_dirs = {name: path for name, path in ((name, self._inside(place)) for name, place in dirs.items()) if path}
        self.roots = [path for path in dict.fromkeys(self._inside(place) for place in roots if place) if path and path != folder]
        self.metadata = self._metadata()

    @property
    def exists(self):
        return any(os.path.isfile(os.path.join(self.folder, name)) for name in _FILES)

    # --- packages

    def _dirs_of_toml(self):
        return _texts(_at(self._toml, "tool", "setuptools", "package-dir"))

    def _dirs_of_cfg(self):
        return dict(_pairs(self._cfg.get("options", "package_dir", fallback="")))

    def _dirs_of_setup(self):
        return _texts(self._setup.get("package_dir"))

    def _searched(self):
        """The folders in which packages are searched."""
        where = _at(self._toml, "tool", "setuptools", "packages", "find", "where")
        found = [where] if isinstance(where, str) else list(where or [])
        found.append(self._cfg.get("options.packages.find", "where", fallback=None))
        for package in _at(self._toml, "tool", "poetry", "packages") or []:
            found.append(package.get("from") if isinstance(package, dict) else None)
        for path in _at(self._toml, "tool", "hatch", "build", "targets", "wheel", "packages") or []:
            found.append(os.path.dirname(path))
        return [place for place in found if isinstance(place, str)]

    def _inside(self, place):
        """The folder of that name. None when it does not exist or is outside the project."""
        path = os.path.normpath(os.path.join(self.folder, place))
        inner = os.path.relpath(path, self.folder)
        return None if inner.startswith(os.pardir) or not os.path.isdir(path) else path

    # --- what it says of itself

    def _metadata(self):
        project = _at(self._toml, "project") or _at(self._toml, "tool", "poetry") or {}
        authors = project.get("authors") or []
        first = authors[0] if authors else None
        terms = project.get("license")
        cfg = {key: self._cfg.get("metadata", key, fallback=None) for key in ("name", "version", "summary", "description", "author", "license")}
        said = {
            "name": project.get("name") or cfg["name"] or self._setup.get("name"),
            "version": project.get("version") or self._version(cfg["version"] or self._setup.get("version")),
            "summary": project.get("description") or cfg["summary"] or cfg["description"] or self._setup.get("description"),
            "author": (first.get("name") if isinstance(first, dict) else first) or cfg["author"] or self._setup.get("author"),
            "license": (terms.get("text") if isinstance(terms, dict) else terms) or cfg["license"] or self._setup.get("license"),
        }
        return {key: value for key, value in said.items() if isinstance(value, str) and value}

    def _version(self, said):
        """The version in another file, found where setuptools would look for it. `said`: the text in setup.cfg or
        setup.py."""
        dynamic = _at(self._toml, "tool", "setuptools", "dynamic", "version") or {}
        file, attribute = dynamic.get("file"), dynamic.get("attr")
        kind, _, place = (said or "").partition(":")
        file = place.strip() if kind.strip() == "file" else file
        attribute = place.strip() if kind.strip() == "attr" else attribute
        if file:
            return project_text(os.path.join(self.folder, file[0] if isinstance(file, list) else file)).strip() or None
        if attribute:
            return self._assigned(attribute)
        return said

    def _assigned(self, attribute):
        module, _, name = attribute.rpartition(".")
        path = module.replace(".", os.sep)
        for root in (self.folder, *(os.path.join(self.folder, place) for place in ("src", *self._searched()))):
            for file in (os.path.join(root, path, "__init__.py"), os.path.join(root, path + ".py")):
                found = re.search(r"""^%s\s*(?::\s*str\s*)?=\s*["']([^"']+)["']""" % re.escape(name), project_text(file), re.M)
                if found:
                    return found.group(1)
        return None


def _at(tables, *keys):
    for key in keys:
        tables = tables.get(key) if isinstance(tables, dict) else None
    return tables


def _texts(mapping):
    return {key: value for key, value in mapping.items() if isinstance(value, str)} if isinstance(mapping, dict) else {}


def _pairs(text):
    """Reads `=src` and `package = folder`, one on each line or with commas between them, as in setup.cfg."""
    return [(key.strip(), value.strip()) for key, mark, value in (part.partition("=") for part in re.split(r"[\n,]", text)) if mark]


def _read_cfg(path):
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return configparser.ConfigParser()
    return parser


def _setup_arguments(path):
    """The arguments of `setup(...)` that are literals."""
    try:
        tree = ast.parse(project_text(path))
    except (SyntaxError, ValueError):
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) == "setup":
            for keyword in node.keywords:
                try:
                    found[keyword.arg] = ast.literal_eval(keyword.value)
                except ValueError:
                    continue
    return found
