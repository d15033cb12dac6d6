"""Says which texts stand for a number: the keyword `x-number-text` of JSON Schema. With it the API and the command
line check an input before a job is kept. It does for texts what `minimum`, `enum` and similar keywords do for
numbers. Called by the conventions."""

KEYWORD = "x-number-text"
# The grammars. `int`, `float` and `decimal`: as Python's own types read a text. `whole`: as int, or as float when
# only zeros follow the point.
INT, WHOLE, FLOAT, DECIMAL = "int", "whole", "float", "decimal"


def number_text(reads, finite=False, split=None, choices=None, **limits):
    """The keyword with its value. `finite`: infinities and NaN are refused. `split`: the separator of several
    numbers in one text. `choices`: the allowed numbers. `limits`: minimum, maximum and their exclusive forms, or
    None."""
    rule = {"reads": reads, "finite": finite or None, "split": split, "enum": choices, **limits}
    return {KEYWORD: {key: value for key, value in rule.items() if value is not None}}
