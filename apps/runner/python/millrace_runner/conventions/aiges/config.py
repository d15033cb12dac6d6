"""Turns values into the form that the platform's hosts give to a wrapper: everything is text. Called by model.py,
input.py and schema.py."""
import json
import math

OWN = "millrace."


def text_of(value):
    """A scalar as its host writes it: `true`, `5`, `0.5`; never with an exponent. Other JSON as its text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return "%d" % value if value.is_integer() else _plain_decimal(value)
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain_decimal(value):
    shortest = repr(value)
    if "e" not in shortest:
        return shortest
    digits = len(shortest.partition("e")[0].replace(".", "").replace("-", ""))
    return "%.*f" % (max(digits - 1 - int(shortest.partition("e")[2]), 0), value)


def flat_config(config, typed):
    """The configuration for wrapperInit: one level, with keys joined by dots (`common.lic`). Each value is text, or
    as it was written when `typed`. Keys that begin with `millrace.` are for the runner and left out."""
    flat = dict(_leaves(config, ""))
    kept = {key: value for key, value in flat.items() if not key.startswith(OWN) and value is not None}
    return kept if typed else {key: text_of(value) for key, value in kept.items()}


def _leaves(value, path):
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _leaves(item, "%s%s." % (path, key))
        else:
            yield path + str(key), item


class AigesOptions:
    """The options in the model's config that are for the runner itself. `typed_params`, `typed_config`: give values
    unchanged, not as text. `strict_results`: odd results are errors, not warnings. `idle_seconds`: how long a
    session may be silent."""

    def __init__(self, config):
        flat = dict(_leaves(config, ""))
        self.typed_params = _is_on(flat, "millrace.typed_params")
        self.typed_config = _is_on(flat, "millrace.typed_config")
        self.strict_results = _is_on(flat, "millrace.strict_results")
        self.idle_seconds = float(flat.get("session.idle_seconds", 15))


def _is_on(flat, key):
    return str(flat.get(key, False)).lower() == "true"
