"""Codes of the platform itself, beside those of a wrapper."""

OK = 0
INIT_ERROR = 30001
USER_INIT_ERROR = 30002
USER_EXEC_ERROR = 30003
