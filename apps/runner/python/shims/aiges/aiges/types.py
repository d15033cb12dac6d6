"""The old place of the constants, which are now in aiges.core.types. Some wrappers still import them from here."""
from aiges.core.types import *  # noqa: F401,F403 - this module is nothing else
