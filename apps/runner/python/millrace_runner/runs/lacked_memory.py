"""Tells whether a run failed because the machine or the device had no memory left. Its process may be useless
afterwards, because the memory is seldom freed. The type of the error decides. Its words count only where the
libraries of devices have no type of their own. Called by session.py."""
import errno
import re

_NAMES = {"OutOfMemoryError", "ResourceExhaustedError", "OOMError"}
_WORDS = re.compile(
    r"out of memory|bad_alloc|failed to allocate|(cannot|can't|unable to) allocate|alloc_failed|resource_exhausted", re.I
)
# How many levels of causes are looked at.
_DEPTH = 5


def lacked_memory(error, depth=0):
    if error is None or depth > _DEPTH:
        return False
    if isinstance(error, MemoryError) or type(error).__name__ in _NAMES:
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    if isinstance(error, RuntimeError) and _says_so(error):
        return True
    return lacked_memory(error.__cause__ or error.__context__, depth + 1)


def _says_so(error):
    try:
        return _WORDS.search(str(error)) is not None
    except Exception:  # noqa: B902 - the error cannot be told
        return False
