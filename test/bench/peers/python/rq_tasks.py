"""The no-op as a job of RQ, whose results stay for an hour."""
import os

import noop
from redis import Redis
from rq import Queue
from rq.job import Job

redis = Redis.from_url(os.environ["BENCH_REDIS_URL"])
queue = Queue("bench", connection=redis)


def submit(data):
    return queue.enqueue(noop.run, data, result_ttl=3600).id


def read(id):
    job = Job.fetch(id, connection=redis)
    done = job.is_finished
    return done, job.return_value() if done else None
