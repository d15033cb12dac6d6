"""Stands in for the SDK that AIGES wrappers import, so that one runs unmodified on a worker."""

# What a wrapper puts into a queue to tell its thread to end.
EXIT_SIG = -1
