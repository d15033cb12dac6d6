"""How long to wait before a request is repeated. All times in seconds. Called between two tries."""
from __future__ import annotations

import random
import re
import time
from email.utils import parsedate_to_datetime
from typing import Optional

FIRST = 0.25
LONGEST = 8.0
# The longest time that is accepted from a server: the caller's patience is limited.
LONGEST_ASKED = 30.0


def retry_delay(attempt: int, retry_after: Optional[str]) -> float:
    """Doubles from 250 ms to 8 s. Each time is random between half and all of that, so clients that were cut off together do
    not return together. A Retry-After (seconds or a date) is used instead, up to 30 s. `attempt` counts from 0."""
    asked = _asked(retry_after)
    if asked is not None:
        return min(asked, LONGEST_ASKED) + random.random() * FIRST
    grown = FIRST * float(2 ** min(attempt, 16))
    return min(grown, LONGEST) * (0.5 + random.random() / 2)


def _asked(text: Optional[str]) -> Optional[float]:
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
