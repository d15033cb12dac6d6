"""Reads pyproject.toml into dicts. The standard library reads TOML only from Python 3.11 on. For older versions this
file reads the part of TOML that project files use: tables, texts, lists of texts and inline tables of them. Called
by project.py and find/entry_points.py."""
import ast
import re

_PART = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(r"%s(?:\s*\.\s*%s)*" % (_PART, _PART))


def read_toml(text):
    """Tables as dicts. {} for text that is not TOML."""
    try:
        import tomllib
    except ModuleNotFoundError:
        return read_simple_toml(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def read_simple_toml(text):
    tables = table = {}
    lines = iter(text.splitlines())
    for line in lines:
        line = _without_comment(line).strip()
        header = re.fullmatch(r"\[\s*(%s)\s*\]" % _KEY.pattern, line)
        if header:
            table = _table_at(tables, _parts(header.group(1)))
            continue
        if line.startswith("["):
            # An array of tables, which no project file needs here.
            table = {}
            continue
        key = _KEY.match(line)
        rest = line[key.end() :].strip() if key else ""
        if not rest.startswith("="):
            continue
        value = rest[1:].strip()
        while value.startswith(("[", "{")) and not _is_closed(value):
            more = next(lines, None)
            if more is None:
                break
            value += " " + _without_comment(more).strip()
        *above, name = _parts(key.group(0))
        _table_at(table, above)[name] = _value(value)
    return tables


def _table_at(tables, parts):
    for part in parts:
        tables = tables.setdefault(part, {})
        if not isinstance(tables, dict):
            return {}
    return tables


def _parts(key):
    return [part.strip("\"'") for part in re.findall(_PART, key)]


def _value(text):
    """A text, a list or an inline table; None for anything else."""
    try:
        # An inline table becomes a Python dict: `=` becomes `:`, and its bare keys get quotes.
        outside = re.split(r"""("(?:\\.|[^"\\])*"|'[^']*')""", text)
        for index in range(0, len(outside), 2):
            outside[index] = re.sub(r"([A-Za-z0-9_-]+)\s*=", r'"\1":', outside[index])
            outside[index] = re.sub(r"^(\s*)=", r"\1:", outside[index])
        found = ast.literal_eval("".join(outside).strip())
    except (ValueError, SyntaxError):
        return None
    return found if isinstance(found, (str, list, dict)) else None


def _is_closed(text):
    bare = re.sub(r"""("(?:\\.|[^"\\])*"|'[^']*')""", "", text)
    return bare.count("[") == bare.count("]") and bare.count("{") == bare.count("}")


def _without_comment(line):
    found = re.match(r"""(?:[^"'#]|"(?:\\.|[^"\\])*"|'[^']*')*""", line)
    return found.group(0) if found else line
