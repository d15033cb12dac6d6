"""Python's regular expressions in JSON Schema. Whoever validates there reads them as JavaScript does."""
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
# As Python means them for text; in JavaScript the short forms are ASCII.
_WIDER_IN_SET = {r"\d": r"\p{Nd}", r"\w": r"\p{L}\p{N}_", r"\s": r"\s\x1c-\x1f\x85"}
_WIDER = {r"\d": r"\p{Nd}", r"\w": r"[\p{L}\p{N}_]", r"\s": r"[\s\x1c-\x1f\x85]", ".": r"[^\n]"}


def portable_pattern(pattern):
    """The same pattern for JSON Schema; None when it uses what JavaScript lacks or reads in another way."""
    said, place = [], 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            return None
        text = token.group()
        if token.lastgroup == "set":
            # What is left out must not be wider.
            if text.startswith("[^") and re.search(r"\\[ws]", text):
                return None
            text = re.sub(r"\\[dws]", lambda short: _WIDER_IN_SET[short.group()], text)
        elif token.lastgroup in ("escape", "plain"):
            text = _WIDER.get(text, text)
        said.append(text)
        place = token.end()
    return "".join(said)
