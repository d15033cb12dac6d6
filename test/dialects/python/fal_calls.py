"""The calls of fal's client for Python. Started by test/dialects/fal-and-deepai.test.ts."""
import asyncio
import os
import pathlib
import tempfile
import urllib.request

import fal_client
from calls import call, main

APP = "acme/shout"
SLOW = {"text": "hello", "pause_ms": 60_000}
made = {}


def failing(function, *arguments, **named):
    try:
        function(*arguments, **named)
    except fal_client.client.FalClientHTTPError as error:
        return error
    raise AssertionError("it did not fail")


@call("run")
def _():
    assert fal_client.run(APP, arguments={"text": "hi"}) == {"output": "HI"}


@call("run, with a path and a hint")
def _():
    told = fal_client.run(APP, arguments={"text": "hi"}, path="fast/v2", hint="h1", start_timeout=30)
    assert told == {"output": "HI"}


@call("submit")
def _():
    made["handle"] = fal_client.submit(APP, arguments={"text": "hi"}, priority="low", start_timeout=60)
    assert made["handle"].request_id.startswith("job_")
    assert made["handle"].status_url.startswith(os.environ["FRONT"])


@call("handle.iter_events")
def _():
    seen = list(made["handle"].iter_events(with_logs=True))
    assert isinstance(seen[-1], fal_client.Completed), seen
    assert [line["message"] for line in seen[-1].logs] == ["said 2 letters"], seen


@call("handle.status")
def _():
    status = made["handle"].status()
    assert isinstance(status, fal_client.Completed) and status.metrics["inference_time"] >= 0, status


@call("handle.get")
def _():
    assert made["handle"].get() == {"output": "HI"}


@call("handle.cancel")
def _():
    handle = fal_client.submit(APP, arguments=SLOW)
    handle.cancel()
    error = failing(handle.get)
    assert error.status_code == 499, error


@call("status")
def _():
    assert isinstance(fal_client.status(APP, made["handle"].request_id), fal_client.Completed)


@call("result")
def _():
    assert fal_client.result(APP, made["handle"].request_id) == {"output": "HI"}


@call("result, of none")
def _():
    assert str(failing(fal_client.result, APP, "nope")) == "Request not found"


@call("cancel")
def _():
    handle = fal_client.submit(APP, arguments=SLOW)
    fal_client.cancel(APP, handle.request_id)
    assert failing(handle.get).status_code == 499


@call("subscribe")
def _():
    seen, ids = [], []
    told = fal_client.subscribe(
        APP,
        arguments={"text": "hi", "as": "file"},
        with_logs=True,
        on_enqueue=ids.append,
        on_queue_update=seen.append,
    )
    assert isinstance(seen[-1], fal_client.Completed) and ids[0].startswith("job_")
    assert (told["content_type"], told["file_name"], told["file_size"]) == ("text/plain", "said.txt", 2), told
    assert urllib.request.urlopen(told["url"]).read() == b"HI"


@call("subscribe, refused")
def _():
    error = failing(fal_client.subscribe, APP, arguments={"as": "song"})
    assert error.status_code == 422 and error.message[0]["loc"] == ["body", "as"], error


@call("subscribe, failing")
def _():
    error = failing(fal_client.subscribe, APP, arguments={"text": "hi", "fail": True})
    assert error.status_code == 422 and "model said no" in error.message[0]["msg"], error


@call("stream")
def _():
    pieces = list(fal_client.stream(APP, arguments={"text": "hi"}))
    assert pieces == [{"output": "H"}, {"output": "I"}, {"output": "HI"}], pieces


@call("encode, encode_file")
def _():
    assert fal_client.run(APP, arguments={"file": fal_client.encode("data", "text/plain")}) == {"output": "DATA"}
    path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
    path.write_text("a file")
    assert fal_client.run(APP, arguments={"file": fal_client.encode_file(path)}) == {"output": "A FILE"}


def lead_uploads():
    """No variable leads them here, but the client reads two of its own."""
    fal_client.client.REST_URL = os.environ["FRONT"] + "/fal/rest"
    fal_client.client.CDN_URL = os.environ["FRONT"] + "/fal/cdn"


@call("upload")
def _():
    lead_uploads()
    url = fal_client.upload(b"uploaded", "text/plain", file_name="a b.txt")
    assert url.endswith("/a-b.txt"), url
    assert urllib.request.urlopen(url).read() == b"uploaded"
    assert fal_client.run(APP, arguments={"file": url}) == {"output": "UPLOADED"}


@call("upload_file, in parts")
def _():
    # Only its size makes it go in parts.
    fal_client.client.MULTIPART_THRESHOLD = 1024
    fal_client.client.MULTIPART_CHUNK_SIZE = 1000
    path = pathlib.Path(tempfile.mkdtemp(), "large.txt")
    path.write_text("".join(f"{line:09}\n" for line in range(350)))
    url = fal_client.upload_file(path)
    assert urllib.request.urlopen(url).read() == path.read_bytes()


def of_asyncio(function):
    """Runs it with a client of the other kind."""
    return lambda: asyncio.run(function(fal_client.AsyncClient(key=os.environ["FAL_KEY"])))


@call("AsyncClient.run")
@of_asyncio
async def _(client):
    assert await client.run(APP, arguments={"text": "hi"}) == {"output": "HI"}


@call("AsyncClient.subscribe")
@of_asyncio
async def _(client):
    assert await client.subscribe(APP, arguments={"text": "hi"}) == {"output": "HI"}


@call("AsyncClient.stream")
@of_asyncio
async def _(client):
    assert [piece async for piece in client.stream(APP, arguments={"text": "a"})] == [{"output": "A"}, {"output": "A"}]


@call("AsyncClient.upload")
@of_asyncio
async def _(client):
    assert await client.run(APP, arguments={"file": await client.upload(b"later", "text/plain")}) == {"output": "LATER"}


main()
