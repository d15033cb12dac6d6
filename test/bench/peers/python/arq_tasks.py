"""The no-op as a job of arq, eight at once in a thread each, with its own settings otherwise."""
import asyncio
import os
from contextlib import asynccontextmanager

import noop
from arq import create_pool
from arq.connections import RedisSettings
from arq.jobs import Job

settings = RedisSettings.from_dsn(os.environ["BENCH_REDIS_URL"])
pool = None


async def work(_context, data):
    return await asyncio.to_thread(noop.run, data)


class WorkerSettings:
    functions = [work]
    redis_settings = settings
    max_jobs = int(os.environ["BENCH_SLOTS"])


@asynccontextmanager
async def lifespan(_app):
    global pool
    pool = await create_pool(settings)
    yield


async def submit(data):
    return (await pool.enqueue_job("work", data)).job_id


async def read(id):
    found = await Job(id, pool).result_info()
    return (True, found.result) if found and found.success else (False, None)
