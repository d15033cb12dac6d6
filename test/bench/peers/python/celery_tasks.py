"""The no-op as a Celery task, set as one does for work that must not be lost: acknowledged late, nothing fetched ahead."""
import os

import noop
from celery import Celery
from celery.result import AsyncResult

url = os.environ["BENCH_REDIS_URL"]
celery = Celery("noop", broker=f"{url}/0", backend=f"{url}/1")
celery.conf.update(task_acks_late=True, worker_prefetch_multiplier=1, task_reject_on_worker_lost=True)


@celery.task
def work(data):
    return noop.run(data)


def submit(data):
    return work.delay(data).id


def read(id):
    result = AsyncResult(id, app=celery)
    done = result.successful()
    return done, result.result if done else None
