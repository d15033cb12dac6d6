"""Stands in for the SDK that AIGES wrappers import, so that a wrapper runs unmodified on a worker."""

# A wrapper puts this into a queue to tell its thread to end.
EXIT_SIG = -1
