"""Requests that meet faults: what is sent again, what is not, and what the caller is told."""
from __future__ import annotations

import json
import pickle
import time
from datetime import datetime, timezone

import millrace
from both_clients import FaultCase, for_both
from fault_server import answer, drop, drop_in_body, refuse, stay_short, stay_silent

JOB = {"id": "job_1", "status": "queued", "output": None, "error": None}


class Requests(FaultCase):
    def test_a_submit_is_sent_again_with_the_same_key_when_the_connection_drops(self) -> None:
        self.server.play(drop, drop_in_body, answer(202, JOB))
        self.assertEqual(self.connect().submit("echo", {"message": "x"})["id"], "job_1")
        keys = [seen.headers["idempotency-key"] for seen in self.server.seen]
        self.assertEqual([len(keys), len(set(keys))], [3, 1])
        self.assertRegex(keys[0], "^[0-9a-f]{32}$")
        self.server.play(answer(202, JOB))
        self.connect().submit("echo", {"message": "x"})
        self.assertNotEqual(self.server.seen[3].headers["idempotency-key"], keys[0])

    def test_a_request_is_sent_again_after_the_retry_after_of_a_refusal(self) -> None:
        for status, seconds in ((503, 1), (429, 0), (502, 0), (504, 0)):
            self.server.seen.clear()
            self.server.play(refuse(status, "unavailable", {"retry-after": str(seconds)}), answer(202, JOB))
            started = time.monotonic()
            self.connect().submit("echo", {})
            self.assertGreaterEqual(time.monotonic() - started, seconds * 0.99)
            self.assertEqual(len(self.server.seen), 2)

    def test_it_gives_up_after_its_retries_with_the_last_refusal(self) -> None:
        self.server.play(*[refuse(503, "queue_full", {"retry-after": "0"})] * 3)
        with self.assertRaises(millrace.ApiError) as caught:
            self.connect(retries=1).submit("echo", {})
        self.assertEqual([caught.exception.code, caught.exception.status], ["queue_full", 503])
        self.assertEqual(len(self.server.seen), 2)

    def test_a_refusal_for_good_is_not_repeated_and_tells_every_fault(self) -> None:
        errors = [{"path": "/input/lang", "code": "enum", "message": "expected eng"}]
        self.server.play(refuse(422, "invalid_input", errors=errors, errors_total=3))
        with self.assertRaises(millrace.ApiError) as caught:
            self.connect().submit("ocr", {"lang": "x"})
        error = caught.exception
        told = [error.code, error.status, error.errors, error.errors_total, error.request_id, error.detail]
        self.assertEqual(told, ["invalid_input", 422, errors, 3, "r1", "Not now."])
        self.assertIn("/input/lang: expected eng", str(error))
        self.assertEqual(pickle.loads(pickle.dumps(error)).errors, errors)
        self.assertEqual(len(self.server.seen), 1)

    def test_a_purged_job_of_a_key_is_named(self) -> None:
        self.server.play(drop, refuse(410, "job_purged", job_id="job_1"))
        with self.assertRaises(millrace.ApiError) as caught:
            self.connect().submit("echo", {}, idempotency_key="k")
        self.assertEqual([caught.exception.code, caught.exception.job_id], ["job_purged", "job_1"])
        self.assertEqual([seen.headers["idempotency-key"] for seen in self.server.seen], ["k", "k"])

    def test_an_answer_that_is_none_of_millrace_is_told(self) -> None:
        for status in (404, 200):
            self.server.play(answer(status, raw=b"<html>"))
            with self.assertRaises(millrace.ApiError) as caught:
                self.connect().get("job_1")
            self.assertEqual([caught.exception.code, caught.exception.status], ["unexpected_answer", status])

    def test_it_is_told_that_nobody_answers(self) -> None:
        with self.assertRaises(ConnectionError) as caught:
            self.connect(url="http://127.0.0.1:1", retries=0).models()
        self.assertIsInstance(caught.exception, millrace.ConnectionError)
        self.assertRegex(str(caught.exception), "^No answer from http://127.0.0.1:1: .*refused")
        for url in ("localhost:7070", "ftp://x", "http://", "http://user:secret@host"):
            with self.assertRaises(ValueError):
                self.client_of(url)

    def test_a_silent_server_is_not_waited_for_longer_than_is_said(self) -> None:
        client = self.connect(retries=1, silence_seconds=0.5)
        self.server.play(stay_short, answer(200, {"text": "whole"}))
        self.assertEqual(client.output("job_1"), {"text": "whole"})
        self.server.play(stay_silent, stay_silent)
        with self.assertRaisesRegex(millrace.ConnectionError, "nothing came within 0.5 s"):
            client.output("job_1")

    def test_a_header_that_cannot_be_sent_is_a_fault_of_the_caller(self) -> None:
        for key in ("a\nb", "a\r\nx: y", "\u20ac"):
            with self.assertRaises(ValueError):
                self.connect().submit("echo", {}, idempotency_key=key)
        self.assertEqual(self.server.seen, [])

    def test_a_retry_of_a_job_counts_as_done_when_only_its_second_sending_is_refused(self) -> None:
        self.server.play(drop, refuse(409, "job_not_retryable"), answer(200, JOB))
        self.assertEqual(self.connect().retry("job_1")["status"], "queued")
        self.server.play(refuse(409, "job_not_retryable"))
        with self.assertRaises(millrace.ApiError) as caught:
            self.connect().retry("job_1")
        self.assertEqual(caught.exception.code, "job_not_retryable")

    def test_a_retry_on_a_version_sends_it(self) -> None:
        self.server.play(answer(202, JOB))
        self.connect().retry("job_1", version="2", idempotency_key="k")
        [seen] = self.server.seen
        self.assertEqual([json.loads(seen.body), seen.headers["idempotency-key"]], [{"version": "2"}, "k"])

    def test_a_trial_and_a_submit_take_all_options_of_the_api(self) -> None:
        self.server.play(drop, answer(200, {"object": "dry_run", "late": True}))
        options = {
            "kind": "prediction", "version": "1", "priority": "high", "expires_in": 5, "reject_if_late": True,
            "timeout": 2.5, "max_attempts": 2, "webhook": "https://example.com/h", "webhook_events": ["job.failed"],
            "keep_for": 60, "metadata": {"a": "1"},
        }
        at = datetime(2026, 1, 2, tzinfo=timezone.utc)
        self.assertTrue(self.connect().dry_run("echo", {"message": "x"}, run_at=at, **options)["late"])
        for seen in self.server.seen:
            self.assertEqual(seen.path, "/v1/models/echo/jobs?dry_run=true")
            expected = {"input": {"message": "x"}, "run_at": "2026-01-02T00:00:00+00:00", **options}
            self.assertEqual(json.loads(seen.body), expected)
        with self.assertRaises(ValueError):
            self.connect().submit("echo", {}, run_at=datetime(2026, 1, 2))
        with self.assertRaises(TypeError):
            self.connect().submit("echo", {}, priorty="high")

    def test_what_is_no_json_is_told_before_anything_is_sent(self) -> None:
        for wrong in (object(), {1: 2}, {"a": {1, 2}}, datetime(2026, 1, 1)):
            with self.assertRaisesRegex(TypeError, "/x"):
                self.connect().submit("echo", {"x": wrong} if not isinstance(wrong, dict) else {"x": wrong})
        for wrong in (float("nan"), "\ud800"):
            with self.assertRaises(ValueError):
                self.connect().submit("echo", {"x": wrong})
        self.assertEqual(self.server.seen, [])

    def test_the_key_is_sent_to_any_base_path(self) -> None:
        self.server.play(answer(200, JOB), answer(204), answer(200, {"data": []}), answer(200, {"ok": 1}), answer(204))
        client = self.connect(url=f"{self.server.url}/mill/", api_key="secret", retries=0)
        client.cancel("job_1")
        client.delete("job_1")
        self.assertEqual(client.models(), [])
        self.assertEqual(client.request("POST", "/v1/any", body={"x": 1}), {"ok": 1})
        self.assertIsNone(client.request("DELETE", "/v1/any"))
        calls = [f"{seen.method} {seen.path}" for seen in self.server.seen]
        self.assertEqual(calls[:3], ["POST /mill/v1/jobs/job_1/cancel", "DELETE /mill/v1/jobs/job_1", "GET /mill/v1/models"])
        self.assertEqual(calls[3:], ["POST /mill/v1/any", "DELETE /mill/v1/any"])
        self.assertEqual({seen.headers["authorization"] for seen in self.server.seen}, {"Bearer secret"})

    def test_one_connection_takes_many_requests_and_one_that_was_closed_none(self) -> None:
        client = self.connect(retries=0)
        self.server.play(*[answer(200, JOB)] * 4, answer(200, JOB, {"connection": "close"}), answer(200, JOB))
        for _ in range(6):
            client.get("job_1")
        connections = [seen.connection for seen in self.server.seen]
        self.assertEqual([len(set(connections[:5])), len(set(connections))], [1, 2])

    def test_a_connection_that_the_server_ended_meanwhile_is_not_used(self) -> None:
        def answer_and_leave(handler: object) -> None:
            answer(200, JOB)(handler)  # type: ignore[arg-type]
            handler.cut()  # type: ignore[attr-defined]
            self.server.closed = True

        client = self.connect(retries=0)
        self.server.play(answer_and_leave, answer(200, JOB))
        client.get("job_1")
        self.until(lambda: self.server.closed)
        self.assertEqual(client.get("job_1")["id"], "job_1")


for_both(globals(), Requests)
