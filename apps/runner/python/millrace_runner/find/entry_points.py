"""The entry points of the group `deepaas.v2.model` that a folder declares, installed or not. It reads files and runs
none of them. Called by detect.py."""
import ast
import configparser
import glob
import os
import re

from ..project.project_text import project_text
from ..project.project_toml import read_toml

GROUP = "deepaas.v2.model"


def entry_points_in(folder):
    """{name: `package.module:attr`}, from *-info folders, setup.cfg, pyproject.toml and literals in setup.py."""
    entries = {}
    for place in (folder, os.path.join(folder, "src")):
        for path in sorted(glob.glob(os.path.join(glob.escape(place), "*-info", "entry_points.txt"))):
            entries.update(_of_ini(path))
    entries.update(_of_ini(os.path.join(folder, "setup.cfg")))
    entries.update(_of_toml(os.path.join(folder, "pyproject.toml")))
    entries.update(_of_setup(os.path.join(folder, "setup.py")))
    return entries


def _of_ini(path):
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return {}
    if parser.has_section(GROUP):
        return dict(parser.items(GROUP))
    # The option's names in setuptools and in pbr.
    return _of_lines(parser.get(section, GROUP, fallback="") for section in ("options.entry_points", "entry_points"))


def _of_lines(texts):
    return dict(pair for text in texts for pair in re.findall(r"^\s*([\w.-]+)\s*=\s*(\S+)\s*$", text, re.M))


def _of_toml(path):
    tables = read_toml(project_text(path))
    entries = tables.get("project", {}).get("entry-points", {}).get(GROUP)
    entries = entries or tables.get("tool", {}).get("poetry", {}).get("plugins", {}).get(GROUP)
    return {str(name): target for name, target in (entries or {}).items() if isinstance(target, str)}


def _of_setup(path):
    try:
        tree = ast.parse(project_text(path))
    except (SyntaxError, ValueError):
        return {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if isinstance(key, ast.Constant) and key.value == GROUP:
                    found = [item.value for item in ast.walk(value) if isinstance(item, ast.Constant)]
                    return _of_lines(str(text) for text in found)
    return {}
