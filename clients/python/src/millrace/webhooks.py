"""For receivers of webhooks: checks that a webhook really comes from your Millrace. Called by users of the package."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from typing import Iterable, List, Mapping, Optional, Sequence, Tuple, Union, cast

from .errors import WebhookVerificationError
from .types import WebhookMessage

#: Headers as web frameworks give them: a mapping, or pairs of names and values, which may be bytes (ASGI).
WebhookHeaders = Union[
    Mapping[str, str], Mapping[str, Sequence[str]], Iterable[Tuple[Union[str, bytes], Union[str, bytes]]]
]

# Most signatures that are checked, one for each secret of the sender. The limit keeps a long header cheap.
_MOST_SIGNATURES = 10


def verify_webhook(
    headers: WebhookHeaders,
    body: Union[str, bytes, bytearray, memoryview],
    *,
    secret: Optional[str] = None,
    secrets: Optional[Sequence[str]] = None,
    tolerance_seconds: float = 300,
    now: Optional[float] = None,
) -> WebhookMessage:
    """Returns the event when signature and time are right; raises WebhookVerificationError otherwise.

    `body` is the body exactly as it came, not parsed and written again. Give `secret`, or all valid `secrets` while a secret
    is rotated: one that fits is enough. `now` is in seconds since 1970. The comparison takes the same time whatever the
    signature is, so the time tells nothing about a forged one.
    """
    valid = list(secrets) if secrets is not None else [] if secret is None else [secret]
    if not valid:
        raise WebhookVerificationError("invalid_secret", "no secret was given")
    keys = [_key(one) for one in valid]
    told = _Headers(headers)
    message_id = told.one("webhook-id")
    sent_at = told.one("webhook-timestamp")
    given = told.one("webhook-signature").split(" ")[:_MOST_SIGNATURES]
    signatures = [bytes_ for bytes_ in map(_signature, given) if bytes_ is not None]
    _check_time(sent_at, tolerance_seconds, time.time() if now is None else now)
    raw = body.encode() if isinstance(body, str) else bytes(body)
    signed = f"{message_id}.{sent_at}.".encode() + raw
    expected = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    # Each is compared, also after one has fitted.
    fits = [hmac.compare_digest(one, other) for one in expected for other in signatures]
    if not any(fits):
        raise WebhookVerificationError(
            "no_match", "no signature fits: it is forged, changed, or signed with another secret"
        )
    return _parsed(raw)


class _Headers:
    def __init__(self, headers: WebhookHeaders) -> None:
        pairs = headers.items() if hasattr(headers, "items") else headers
        self._pairs = [(_text(name).lower(), value) for name, value in pairs]

    def one(self, name: str) -> str:
        values = [value for given, value in self._pairs if given == name]
        value = _text(values[0]) if len(values) == 1 and isinstance(values[0], (str, bytes)) else ""
        if value == "":
            raise WebhookVerificationError("missing_header", f"the header {name} is missing")
        return value


def _text(value: Union[str, bytes]) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _check_time(sent_at: str, tolerance: float, now: float) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", sent_at):
        raise WebhookVerificationError("invalid_header", "the header webhook-timestamp is not in seconds")
    age = int(now) - int(sent_at)
    if age > tolerance:
        raise WebhookVerificationError("too_old", f"it was sent {age} s ago")
    if age < -tolerance:
        raise WebhookVerificationError("too_new", f"it was sent {-age} s from now")


def _key(secret: str) -> bytes:
    key = _base64(secret[6:] if secret.startswith("whsec_") else secret)
    # With an empty or short key, anybody could make valid signatures.
    if key is None or len(key) < 16:
        raise WebhookVerificationError("invalid_secret", "the secret is not whsec_ and base64")
    return key


def _signature(text: str) -> Optional[bytes]:
    """The bytes of a `v1` signature. None for another version or an unreadable text."""
    return _base64(text[3:]) if text.startswith("v1,") else None


def _base64(text: str) -> Optional[bytes]:
    bare = text.rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9+/]*", bare) or len(bare) % 4 == 1:
        return None
    return base64.b64decode(bare + "=" * (-len(bare) % 4))


def _parsed(raw: bytes) -> WebhookMessage:
    try:
        message = json.loads(raw.decode())
    except ValueError:
        message = None
    if isinstance(message, dict) and isinstance(message.get("type"), str):
        return cast(WebhookMessage, message)
    raise WebhookVerificationError("invalid_body", "the body is signed, but it is no event")


__all__: List[str] = ["WebhookHeaders", "verify_webhook"]
