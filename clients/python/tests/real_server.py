"""Both clients against a real server, whose address is in MILLRACE_TEST_URL. Run by test/e2e/clients/python-client.test.ts,
which starts the server with the models echo, files, flaky and stream."""
from __future__ import annotations

import hashlib
import os
import queue
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Dict, Tuple

import millrace
from both_clients import FaultCase, for_both

URL = os.environ["MILLRACE_TEST_URL"]


class RealServer(FaultCase):
    def connect(self, **options: Any) -> Any:
        return super().connect(url=URL, **options)

    def test_a_job_is_run_and_a_file_of_its_output_comes_back_intact(self) -> None:
        client, size = self.connect(), 3_000_000
        job = client.run("echo", {"message": "hé", "size_bytes": size})
        output = job["output"]
        self.assertEqual([job["status"], output["message"], output["file"]["size"]], ["succeeded", "hé", size])
        digest = hashlib.sha256(b"".join(client.files.stream(output["file"]))).hexdigest()
        self.assertEqual(digest, output["file"]["sha256"])
        with tempfile.TemporaryDirectory() as folder:
            client.files.download(output["file"], Path(folder, "echo.bin"))
            self.assertEqual(Path(folder, "echo.bin").read_bytes(), client.files.read(output["file"]["id"]))

    def test_files_are_taken_from_paths_bytes_and_open_files_and_as_uploads(self) -> None:
        client, data = self.connect(), os.urandom(700_000)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "data.bin")
            path.write_bytes(data)
            uploaded = client.files.upload(path, name="named.bin")
            self.assertEqual([uploaded["name"], uploaded["size"]], ["named.bin", len(data)])
            with open(path, "rb") as opened:
                for file in (path, data, opened, millrace.Upload(data, name="x.bin"), uploaded, uploaded["id"]):
                    output = client.run("files", {"file": file})["output"]
                    self.assertEqual(output["sha256"], hashlib.sha256(data).hexdigest(), type(file))
        self.assertEqual(client.files.get(uploaded["id"])["sha256"], uploaded["sha256"])
        client.files.delete(uploaded["id"])
        with self.assertRaises(millrace.ApiError) as caught:
            client.files.get(uploaded["id"])
        self.assertEqual(caught.exception.code, "file_not_found")

    def test_one_key_makes_one_job_and_a_failed_one_tells_its_error(self) -> None:
        client, key = self.connect(), f"once-{os.urandom(8).hex()}"
        ids = {client.submit("echo", {"message": "once"}, idempotency_key=key)["id"] for _ in range(2)}
        self.assertEqual(len(ids), 1)
        with self.assertRaises(millrace.JobFailedError) as caught:
            client.run("flaky", {"counter_file": "/nowhere/at/all"}, max_attempts=1, wait_seconds=60)
        self.assertEqual([caught.exception.code, caught.exception.job["status"]], ["model_error", "failed"])

    def test_refusals_name_each_place(self) -> None:
        with self.assertRaises(millrace.ApiError) as caught:
            self.connect().submit("echo", {"message": 5, "delay": 1}, metadata={"a": "b"})
        error = caught.exception
        self.assertEqual([error.code, error.status], ["invalid_input", 422])
        self.assertEqual({fault["path"] for fault in error.errors}, {"/input/message", "/input/delay"})

    def test_a_job_is_tried_listed_canceled_and_purged(self) -> None:
        client = self.connect()
        self.assertEqual(client.dry_run("echo", {"message": "x"})["object"], "dry_run")
        job = client.submit("echo", {"message": "x", "delay_seconds": 60}, metadata={"who": "me"}, priority="high")
        with self.assertRaises(millrace.WaitTimeoutError):
            client.wait(job["id"], wait_seconds=0)
        self.assertIn(job["id"], [found["id"] for found in client.list(model="echo", limit=5)])
        client.cancel(job["id"])
        ended = client.wait(job["id"], wait_seconds=60)
        self.assertEqual([ended["status"], ended["metadata"]], ["canceled", {"who": "me"}])
        self.assertTrue(millrace.is_final(client.get(job["id"])))
        client.delete(job["id"])
        with self.assertRaises(millrace.ApiError) as caught:
            client.get(job["id"])
        self.assertEqual(caught.exception.code, "job_purged")

    def test_events_come_each_once_from_any_of_them_on(self) -> None:
        client = self.connect()
        job = client.submit("stream", {"chunks": 3, "pause_ms": 20})
        events = list(client.events(job["id"]))
        chunks = [event["chunk"]["index"] for event in events if event["type"] == "output"]
        self.assertEqual(chunks, [0, 1, 2])
        self.assertEqual([events[-1]["type"], events[-1]["job"]["output"]], ["done", {"chunks": 3}])
        self.assertLessEqual({"status", "progress", "log", "output"}, {event["type"] for event in events})
        kept = [event for event in events if event["type"] not in ("queue", "job")]
        self.assertEqual(list(client.events(job["id"], after=kept[2]["id"])), kept[3:])

    def test_models_tell_what_they_are(self) -> None:
        client = self.connect()
        self.assertLessEqual({"echo", "files"}, {model["name"] for model in client.models()})
        model = client.model("echo")
        self.assertEqual([model["state"], "message" in model["input_schema"]["properties"]], ["ready", True])
        with self.assertRaises(millrace.ApiError):
            client.model("nobody")
        self.assertEqual(client.request("GET", "/v1/workers")["object"], "list")

    def test_webhooks_are_verified(self) -> None:
        received: "queue.Queue[Tuple[Dict[str, str], bytes]]" = queue.Queue()

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.put((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        client = self.connect()
        secret = client.request("GET", "/v1/webhook-secret")["secret"]
        job = client.run("echo", {"message": "x"}, webhook=f"http://127.0.0.1:{server.server_port}/hook")
        headers, body = received.get(timeout=30)
        event = millrace.verify_webhook(headers, body, secret=secret)
        self.assertEqual([event["type"], event["data"]["id"]], ["job.succeeded", job["id"]])
        with self.assertRaises(millrace.WebhookVerificationError):
            millrace.verify_webhook(headers, body + b" ", secret=secret)


for_both(globals(), RealServer)
