"""A predictor's own healthcheck(), called with each heartbeat. Only an answer counts: a check that cannot run says
nothing about the model. Called by run_cog.py."""
import asyncio
import inspect
import sys
import threading

from cog._sdk import at_least

SECONDS = 5


def healthcheck_of(target, loop, is_busy):
    """Returns the function that each heartbeat calls, in its own thread, for the fields `healthy` and `message`.
    None when the model has no healthcheck(). `loop`: the loop of an asynchronous model. `is_busy()`: whether a run
    is in progress."""
    # Before Cog 0.16 a method of that name had no special meaning.
    check = getattr(target, "healthcheck", None) if at_least(0, 16) else None
    if not callable(check) or inspect.isfunction(target):
        return None
    if not _can_be_called(check):
        print("healthcheck() takes arguments, so it cannot be asked", file=sys.stderr, flush=True)
        return None
    checking = []

    def ask():
        # A check that hangs is not called again until it answers.
        if not checking or not checking[0].is_alive():
            answers = []
            checking[:] = [threading.Thread(target=lambda: answers.append(_health(check, loop)), daemon=True)]
            checking[0].start()
            checking[0].join(SECONDS)
            if answers:
                return answers[0]
        # A run may hold something that the check needs: the event loop, or the interpreter.
        return {} if is_busy() else _unhealthy("healthcheck() did not answer within %d seconds" % SECONDS)

    return ask


def _can_be_called(check):
    try:
        inspect.signature(check).bind()
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def _health(check, loop):
    try:
        answer = check()
        if inspect.isawaitable(answer):
            answer = _awaited(answer, loop)
    except Exception as error:
        return _unhealthy("healthcheck() raised %s: %s" % (type(error).__name__, error))
    healthy = answer is None or bool(answer)
    return {"healthy": True} if healthy else _unhealthy("healthcheck() says that it is not healthy")


def _awaited(answer, loop):
    """Runs on the loop of the model's runs, so that it may use their locks and clients. A model without a loop gets
    one for the check."""

    async def wait():
        return await answer

    if loop is not None and loop.is_running():
        return asyncio.run_coroutine_threadsafe(wait(), loop).result()
    return asyncio.run(wait())


def _unhealthy(message):
    return {"healthy": False, "message": message[:1024]}
