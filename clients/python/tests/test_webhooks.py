"""The check of webhooks, by signatures as the standard makes them."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unittest
from typing import Any, Dict, Optional

import millrace

SECRET = f"whsec_{base64.b64encode(bytes([1]) * 32).decode()}"
OTHER = f"whsec_{base64.b64encode(bytes([2]) * 32).decode()}"
BODY = json.dumps({"type": "webhook.test", "data": {"message": "größer"}}, ensure_ascii=False)
NOW = 1_767_225_600


def signed(body: str = BODY, secret: str = SECRET, at: int = NOW, message_id: str = "evt_1") -> Dict[str, str]:
    key = base64.b64decode(secret[6:])
    text = f"{message_id}.{at}.{body}".encode()
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}


def verify(headers: Any = None, body: Any = BODY, secret: Optional[str] = SECRET, **more: Any) -> Any:
    return millrace.verify_webhook(signed() if headers is None else headers, body, secret=secret, now=NOW, **more)


class Webhooks(unittest.TestCase):
    def refused(self, code: str, *given: Any, **named: Any) -> str:
        with self.assertRaises(millrace.WebhookVerificationError) as caught:
            verify(*given, **named)
        self.assertEqual(caught.exception.code, code, given)
        return str(caught.exception)

    def test_the_example_of_the_standard_is_taken(self) -> None:
        headers = {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        # Its signature is right: only then is the body looked at, which is no event.
        with self.assertRaises(millrace.WebhookVerificationError) as caught:
            millrace.verify_webhook(headers, '{"test": 2432232314}', secret=secret, now=1614265330)
        self.assertEqual(caught.exception.code, "invalid_body")

    def test_it_is_taken_from_every_kind_of_headers_and_body(self) -> None:
        plain = signed()
        pairs = [(name.encode(), value.encode()) for name, value in plain.items()]
        upper = {name.upper(): value for name, value in plain.items()}
        for headers in (plain, upper, list(plain.items()), [(b"accept", b"a"), (b"accept", b"b"), *pairs]):
            self.assertEqual(verify(headers), json.loads(BODY))
        for body in (BODY.encode(), bytearray(BODY.encode()), memoryview(BODY.encode())):
            self.assertEqual(verify(body=body), json.loads(BODY))

    def test_one_of_several_secrets_and_signatures_is_enough(self) -> None:
        others = f"v1a,{'x' * 44} v2,abc nonsense v1,*** {signed(secret=OTHER)['webhook-signature']}"
        headers = {**signed(), "webhook-signature": f"{others} {signed()['webhook-signature']}"}
        self.assertEqual(verify(headers)["type"], "webhook.test")
        self.assertEqual(verify(secret=None, secrets=[OTHER, SECRET])["type"], "webhook.test")
        self.assertEqual(verify(secret=SECRET[6:])["type"], "webhook.test")

    def test_it_is_taken_within_the_tolerance_and_not_beyond(self) -> None:
        for at in (NOW - 300, NOW + 300):
            verify(signed(at=at))
        verify(signed(at=NOW - 3600), tolerance_seconds=3600)
        self.refused("too_old", signed(at=NOW - 301))
        self.refused("too_new", signed(at=NOW + 301))
        for text in ("soon", "1e9", "-5", " 1", "9" * 13, f"{NOW}.5", "١٢"):
            self.refused("invalid_header", {**signed(), "webhook-timestamp": text})

    def test_what_was_changed_is_refused(self) -> None:
        self.refused("no_match", body=f"{BODY} ")
        self.refused("no_match", {**signed(), "webhook-id": "evt_2"})
        self.refused("no_match", {**signed(), "webhook-timestamp": str(NOW + 1)})
        self.refused("no_match", secret=OTHER)
        right = signed()["webhook-signature"]
        for end in range(1, len(right) - 1):
            self.refused("no_match", {**signed(), "webhook-signature": right[:end]})

    def test_a_header_that_is_missing_empty_or_there_twice_is_told(self) -> None:
        for name in signed():
            rest = {key: value for key, value in signed().items() if key != name}
            for headers in (rest, {**rest, name: ""}, {**rest, name: ["a", "b"]}, [*signed().items(), (name, "a")]):
                self.refused("missing_header", headers)

    def test_what_is_signed_and_no_event_is_refused(self) -> None:
        for body in ("", "null", "[]", "{}", '{"type":1}', "no json", '"text"'):
            self.refused("invalid_body", signed(body), body)

    def test_a_secret_that_is_none_is_told_and_never_shown(self) -> None:
        self.refused("invalid_secret", secret=None)
        self.refused("invalid_secret", secret=None, secrets=[])
        for secret in ("", "whsec_", "whsec_c2hvcnQ=", "whsec_*not-base64*"):
            said = self.refused("invalid_secret", secret=secret)
            self.assertFalse(len(secret) > 6 and secret in said)
