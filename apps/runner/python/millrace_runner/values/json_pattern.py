"""Translates Python's regular expressions for JSON Schema, whose validators read patterns as JavaScript does. Called
by the conventions `cog` and `deepaas`."""
import re

_IN_CLASS = r"\\[dws]|\\[\\/\-\]\[^$.*+?(){}|nrtfv]|[^\\\[\]]"
_TOKEN = re.compile(
    r"(?P<set>\[\^?(?:%s)+\])"
    r"|(?P<escape>\\[dws]|\\[\\/\]\[^$.*+?(){}|nrtfv])"
    r"|(?P<group>\((?:\?:)?(?!\?))"
    r"|(?P<count>\{\d+(?:,\d*)?\}\??)"
    r"|(?P<plain>(?<![*+?}])\+|[^\\\[\](){}+])"
    r"|(?P<close>\))" % _IN_CLASS
)
# Python's short forms match all of Unicode; JavaScript's match ASCII only.
_WIDER_IN_SET = {r"\d": r"\p{Nd}", r"\w": r"\p{L}\p{N}_", r"\s": r"\s\x1c-\x1f\x85"}
_WIDER = {r"\d": r"\p{Nd}", r"\w": r"[\p{L}\p{N}_]", r"\s": r"[\s\x1c-\x1f\x85]", ".": r"[^\n]"}
# Python's `$` also matches before one last line break.
_END = r"(?=\n?$)"


def json_pattern(regex, from_start=False):
    """The `pattern` keyword for texts that `regex` (compiled) finds, or with `from_start` matches. None when the
    pattern uses something that JavaScript lacks or reads in another way: then only the model's own check can tell."""
    if not isinstance(regex.pattern, str) or regex.flags != re.UNICODE:
        return None
    pattern = _translated(regex.pattern)
    if pattern is None or not from_start or pattern.startswith("^") and "|" not in pattern:
        return pattern
    return "^(?:%s)" % pattern


def _translated(pattern):
    said, place = [], 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            return None
        text = token.group()
        if token.lastgroup == "set":
            # A class of excluded characters must not become wider.
            if text.startswith("[^") and re.search(r"\\[ws]", text):
                return None
            text = re.sub(r"\\.", lambda escape: _WIDER_IN_SET.get(escape.group(), escape.group()), text)
        elif token.lastgroup in ("escape", "plain"):
            text = _END if text == "$" else _WIDER.get(text, text)
        said.append(text)
        place = token.end()
    return "".join(said)
