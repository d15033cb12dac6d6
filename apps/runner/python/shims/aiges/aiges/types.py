"""Where the constants were before they moved to aiges.core.types; some wrappers still look here."""
from aiges.core.types import *  # noqa: F401,F403 - this module is nothing else
