"""Jobs: run to their whole output, waited for as long as was asked, listed, and followed by their events."""
from __future__ import annotations

import json
import time
from typing import Any, Dict, Optional
from unittest import mock

import millrace
import millrace._async.follow as async_follow
import millrace._sync.follow as sync_follow
from both_clients import FaultCase, for_both
from fault_server import Handler, answer, drop, refuse, stay_silent, stream


def job(status: str, **more: Any) -> Dict[str, Any]:
    return {"id": "job_1", "status": status, "output": None, "error": None, **more}


def frame(kind: str, data: Any, event_id: Optional[str] = None) -> str:
    named = "" if event_id is None else f"id: {event_id}\n"
    return f"{named}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def log(n: int) -> str:
    return frame("log", {"id": f"{n}-0", "type": "log", "message": f"é {n}"}, f"{n}-0")


class Jobs(FaultCase):
    def setUp(self) -> None:
        super().setUp()
        self.started = time.monotonic()
        for follow in (async_follow, sync_follow):
            patch = mock.patch.object(follow, "_SLACK", 0.2)
            patch.start()
            self.addCleanup(patch.stop)

    def test_a_job_is_run_to_its_whole_output(self) -> None:
        self.server.play(answer(202, job("queued")), answer(200, job("succeeded")), answer(200, {"text": "long"}))
        self.assertEqual(self.connect().run("echo", {})["output"], {"text": "long"})
        paths = [seen.path for seen in self.server.seen]
        self.assertEqual(paths, ["/v1/models/echo/jobs", "/v1/jobs/job_1?wait=30.000", "/v1/jobs/job_1/output"])

    def test_a_job_that_did_not_succeed_is_an_error_of_its_own(self) -> None:
        error = {"code": "timeout", "message": "too long", "retryable": True, "attempt": 1}
        for ended, code in ((job("failed", error=error), "timeout"), (job("canceled"), "canceled")):
            self.server.play(answer(202, job("queued")), answer(200, ended))
            with self.assertRaises(millrace.JobFailedError) as caught:
                self.connect().run("echo", {})
            self.assertEqual([caught.exception.code, caught.exception.job["id"]], [code, "job_1"])

    def test_it_is_waited_for_through_a_broken_connection_and_no_longer_than_was_asked(self) -> None:
        self.server.play(drop, *[answer(200, job("running"))] * 9)
        with self.assertRaises(millrace.WaitTimeoutError) as caught:
            self.connect().wait("job_1", wait_seconds=1)
        self.assertEqual(caught.exception.job["status"], "running")
        self.assertIsInstance(caught.exception, TimeoutError)

    def test_a_silent_server_is_waited_for_no_longer_either(self) -> None:
        self.server.play(stay_silent, answer(202, job("queued")), stay_silent)
        with self.assertRaises(millrace.ConnectionError):
            self.connect().wait("job_1", wait_seconds=0)
        self.until(lambda: len(self.server.seen) == 1)
        with self.assertRaises(millrace.WaitTimeoutError) as caught:
            self.connect().run("echo", {}, wait_seconds=0)
        self.assertEqual(caught.exception.job["status"], "queued")
        self.assertLess(time.monotonic() - self.started, 10)

    def test_jobs_are_listed_page_by_page_as_far_as_asked(self) -> None:
        self.server.play(
            answer(200, {"data": [{"id": "a"}, {"id": "b"}], "next_cursor": "next"}),
            answer(200, {"data": [{"id": "c"}], "next_cursor": "more"}),
        )
        ids = [found["id"] for found in self.connect().list(model="echo", limit=3)]
        self.assertEqual(ids, ["a", "b", "c"])
        paths = [seen.path for seen in self.server.seen]
        self.assertEqual(paths, ["/v1/jobs?limit=3&model=echo", "/v1/jobs?limit=1&model=echo&cursor=next"])

    def test_jobs_are_found_and_counted_by_all_conditions(self) -> None:
        self.server.play(answer(200, {"data": [], "next_cursor": None}), answer(200, {"total": 3}), answer(200, {"data": []}))
        meant: millrace.JobFilter = {"status": ["failed", "canceled"], "error_code": "timeout", "metadata": {"a b": "", "n": "1"}}
        self.assertEqual([found["id"] for found in self.connect().list(meant, model="echo")], [])
        self.assertEqual(self.connect().count(meant, cursor="on")["total"], 3)
        self.assertEqual(self.connect().failures()["data"], [])
        conditions = "status=failed%2Ccanceled&error_code=timeout&metadata%5Ba+b%5D=&metadata%5Bn%5D=1"
        self.assertEqual(
            [seen.path for seen in self.server.seen],
            [f"/v1/jobs?limit=50&model=echo&{conditions}", f"/v1/jobs/counts?{conditions}&cursor=on", "/v1/failures"],
        )


class Events(FaultCase):
    def test_each_event_comes_once_through_breaks_goodbyes_and_restarts(self) -> None:
        end = frame("done", job("succeeded", finished_at="2026-01-01T00:00:00.000Z"), "9-0-done")
        self.server.play(
            stream(log(1) + log(2), breaks=True),
            refuse(503, "unavailable"),
            drop,
            stream(log(3) + frame("bye", {"type": "bye", "reason": "closing"})),
            stream(frame("status", {"id": "4-0", "type": "status", "status": "succeeded"}, "4-0") + end),
        )
        events = list(self.connect().events("job_1"))
        told = [(event["type"], event.get("id")) for event in events]
        ends = [("status", "4-0"), ("done", "9-0-done")]
        self.assertEqual(told, [("log", "1-0"), ("log", "2-0"), ("log", "3-0"), *ends])
        self.assertEqual(events[1]["message"], "é 2")
        self.assertEqual([events[-1]["at"], events[-1]["job"]["id"]], ["2026-01-01T00:00:00.000Z", "job_1"])
        path = "/v1/jobs/job_1/events"
        asked = [path, *(f"{path}?after={n}-0" for n in (2, 2, 2, 3))]
        self.assertEqual([seen.path for seen in self.server.seen], asked)

    def test_there_is_nothing_after_the_end(self) -> None:
        self.server.play(answer(204))
        self.assertEqual(list(self.connect().events("job_1", after="9-0-done")), [])

    def test_refusals_for_good_and_too_many_breaks_are_told(self) -> None:
        self.server.play(refuse(410, "job_purged"), refuse(429, "too_many_streams", {"retry-after": "10"}))
        for code in ("job_purged", "too_many_streams"):
            with self.assertRaises(millrace.ApiError) as caught:
                list(self.connect().events("job_1"))
            self.assertEqual(caught.exception.code, code)
        self.server.play(answer(200, "hello", {"content-type": "text/html"}))
        with self.assertRaises(millrace.ApiError):
            list(self.connect().events("job_1"))
        self.server.play(drop, drop)
        with self.assertRaises(millrace.ConnectionError):
            list(self.connect(retries=1).events("job_1"))
        self.assertEqual(len(self.server.seen), 5)

    def test_the_connection_is_left_when_the_loop_is_left(self) -> None:
        left = []

        def held(handler: Handler) -> None:
            handler.head(200, {"content-type": "text/event-stream", "connection": "close"})
            handler.wfile.write(log(1).encode())
            handler.wfile.flush()
            left.append(handler.rfile.read(1))

        self.server.play(held)
        for _ in self.connect().events("job_1"):
            break
        self.until(lambda: left)
        self.assertEqual(left, [b""])


for_both(globals(), Jobs, Events)
