"""The no-op as an actor of Dramatiq, whose results are kept in the same Redis."""
import os

import dramatiq
import noop
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import ResultMissing, Results
from dramatiq.results.backends import RedisBackend

url = os.environ["BENCH_REDIS_URL"]
results = RedisBackend(url=url)
broker = RedisBroker(url=url)
broker.add_middleware(Results(backend=results))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True, result_ttl=3_600_000)
def work(data):
    return noop.run(data)


def submit(data):
    return work.send(data).message_id


def read(id):
    message = work.message({}).copy(message_id=id)
    try:
        return True, message.get_result(backend=results)
    except ResultMissing:
        return False, None
