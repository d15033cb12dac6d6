"""Reads server-sent events from bytes as they come. Fed by what follows the events of a job."""
from __future__ import annotations

import codecs
import json
from datetime import datetime, timezone
from typing import Any, Dict, List

from .patience import Broken

# A job keeps at most 4 MB of events; a longer one comes from something else.
_MOST = 64 * 1024 * 1024


class EventReader:
    """Gives the events of a stream, however it is torn."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._fields: Dict[str, Any] = {}
        self._held = 0

    def feed(self, data: bytes) -> List[Dict[str, Any]]:
        text = self._rest + self._decoder.decode(data)
        # The other half of such a line end may not have come yet.
        whole, self._rest = (text[:-1], "\r") if text.endswith("\r") else (text, "")
        *lines, last = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = last + self._rest
        self._held += len(data)
        if self._held > _MOST:
            raise Broken("an event does not end")
        return [event for line in lines for event in self._read(line)]

    def _read(self, line: str) -> List[Dict[str, Any]]:
        if line:
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "data":
                self._fields.setdefault("data", []).append(value)
            elif name in ("event", "id"):
                self._fields[name] = value
            return []
        fields, self._fields, self._held = self._fields, {}, 0
        return [_event_of(fields)] if "data" in fields else []


def _event_of(fields: Dict[str, Any]) -> Dict[str, Any]:
    kind = fields.get("event", "message")
    try:
        value = json.loads("\n".join(fields["data"]))
    except ValueError:
        raise Broken("an event is not JSON") from None
    if kind not in ("done", "job"):
        return value if isinstance(value, dict) else {"type": kind}
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = {"type": kind, "at": (kind == "done" and value.get("finished_at")) or now, "job": value}
    return {**event, "id": fields["id"]} if "id" in fields else event
