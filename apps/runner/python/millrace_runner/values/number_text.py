"""Which texts stand for a number: the keyword `x-number-text` of JSON Schema, by which the API and the command line
check an input before a job is kept. It says of texts what `minimum`, `enum` and their like say of numbers. Called by
the conventions."""

KEYWORD = "x-number-text"
# The grammars: `int`, `float` and `decimal` as Python's own types read a text; `whole` as int, or as float where a point
# has nothing behind it.
INT, WHOLE, FLOAT, DECIMAL = "int", "whole", "float", "decimal"


def number_text(reads, finite=False, split=None, choices=None, **limits):
    """The keyword with its value. `finite`: infinities and NaN are refused. `split`: what parts several numbers in one
    text. `choices`: the numbers that are taken. `limits`: minimum, maximum and their exclusive forms, or None."""
    rule = {"reads": reads, "finite": finite or None, "split": split, "enum": choices, **limits}
    return {KEYWORD: {key: value for key, value in rule.items() if value is not None}}
