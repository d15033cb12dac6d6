"""A Python regular expression as one of JSON Schema, where both mean the same."""
import re

# Literals, groups, classes and counts that Python and JavaScript read alike. A dot, \d or \w is not among them: Python
# takes more characters for one than JavaScript does.
_CLASS = r"\[\^?(?:[\w .,:;@#%&=<>!~+*/?'\"-]|\\[.\]\[\\/^-])+\]"
_LITERAL = r"[A-Za-z0-9_ :@#%&,;=<>!~'\"/-]|\\[.+*?()\[\]{}|^$\\/]"
_ALIKE = re.compile(r"(?:" + _LITERAL + "|" + _CLASS + r"|\(\?:|\((?!\?)|\)|\||[*+?]|\{\d+(?:,\d*)?\})*")


def json_pattern(regex):
    """The `pattern` keyword for what `regex` (compiled) matches from the start of a text, as marshmallow asks; None
    when that cannot be said surely: the model's own check knows better."""
    if not isinstance(regex.pattern, str) or regex.flags & ~(re.UNICODE | re.ASCII):
        return None
    body = regex.pattern[1:] if regex.pattern.startswith("^") else regex.pattern
    ends = re.search(r"(?<!\\)(?:\\\\)*\$\Z", body) is not None
    body = body[:-1] if ends else body
    # A count with a plus behind it is Python's alone.
    if not _ALIKE.fullmatch(body) or re.search(r"[*+?}]\+", body) or _has_bar(body):
        return None
    # A dollar of Python looks past one last line break.
    return "^(?:%s)%s" % (body, "\\n?$" if ends else "")


def _has_bar(body):
    """Whether a bar stands outside of groups, where an anchor belongs to one side alone."""
    depth = 0
    for token in re.finditer(r"\\.|" + _CLASS + "|[()|]", body):
        if token.group() == "|" and depth == 0:
            return True
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
    return False
