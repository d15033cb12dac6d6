"""Silences output for a while, including output of native code."""
import contextlib
import os
import sys


@contextlib.contextmanager
def suppress_output():
    """Everything that is written to standard output and standard error inside this block is lost."""
    descriptors = [stream.fileno() for stream in (sys.stdout, sys.stderr)]
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = [os.dup(descriptor) for descriptor in descriptors]
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        for descriptor in descriptors:
            os.dup2(nothing, descriptor)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for descriptor, copy in zip(descriptors, kept):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nothing)
