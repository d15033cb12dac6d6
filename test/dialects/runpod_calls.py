"""All calls of RunPod's client for Python, in both of its kinds. Run by runpod.test.ts."""
import asyncio
import os

import runpod
from runpod import AsyncioEndpoint
from runpod.http_client import ClientSession

from calls import call, main

runpod.api_key = os.environ["KEY"]
shout = runpod.Endpoint("shout")
SLOW = {"text": "hi", "pause_ms": 600_000}


@call("run")
def run():
    # Without the key `input`, the client adds it.
    assert shout.run({"text": "hi"}).output(timeout=20) == "HI"
    assert shout.run({"input": {"text": "hi"}}).output(timeout=20) == "HI"


@call("Job.status")
def status():
    job = shout.run({"text": "hi"})
    assert job.status() in ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")
    job.output(timeout=20)
    assert job.status() == "COMPLETED"


@call("Job.output")
def output():
    job = shout.run(SLOW)
    assert job.output() is None
    job.cancel()


@call("Job.stream")
def stream():
    assert list(shout.run({"text": "hello"}).stream()) == list("HELLO")


@call("Job.cancel")
def cancel():
    job = shout.run(SLOW)
    assert job.cancel()["status"] == "CANCELLED"


@call("run_sync")
def run_sync():
    assert shout.run_sync({"text": "hi"}) == "HI"
    # A failure is no exception there.
    assert shout.run_sync({"text": "hi", "fail": True}) is None


@call("health")
def health():
    found = shout.health()
    assert found["workers"]["ready"] == 1 and set(found["jobs"]) == {
        "completed", "failed", "inProgress", "inQueue", "retried",
    }


@call("purge_queue")
def purge_queue():
    assert shout.purge_queue() == {"removed": 0, "status": "completed"}


def of_asyncio(function):
    """Runs it with an endpoint of the other kind."""

    async def run():
        async with ClientSession() as session:
            await function(AsyncioEndpoint("shout", session))

    return lambda: asyncio.run(run())


@call("AsyncioEndpoint.run")
@of_asyncio
async def a_run(endpoint):
    assert (await endpoint.run({"text": "hi"})).job_id.startswith("job_")


@call("AsyncioJob.status")
@of_asyncio
async def a_status(endpoint):
    assert await (await endpoint.run({"text": "hi"})).status() in ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")


@call("AsyncioJob.output")
@of_asyncio
async def a_output(endpoint):
    assert await (await endpoint.run({"text": "hi"})).output(timeout=20) == "HI"


@call("AsyncioJob.stream")
@of_asyncio
async def a_stream(endpoint):
    job = await endpoint.run({"text": "hello"})
    assert [piece async for piece in job.stream()] == list("HELLO")


@call("AsyncioJob.cancel")
@of_asyncio
async def a_cancel(endpoint):
    assert (await (await endpoint.run(SLOW)).cancel())["status"] == "CANCELLED"


@call("AsyncioEndpoint.health")
@of_asyncio
async def a_health(endpoint):
    assert (await endpoint.health())["workers"]["ready"] == 1


@call("AsyncioEndpoint.purge_queue")
@of_asyncio
async def a_purge_queue(endpoint):
    assert (await endpoint.purge_queue())["status"] == "completed"


main()
