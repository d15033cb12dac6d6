"""The loop for an asynchronous model: its runs are tasks of one event loop in the main thread, several at once.
Called by the convention `cog`."""
import asyncio
import threading

from .serve import refuse_training
from .task_output import print_by_task


def serve_async(session, loop, predict, train=None):
    """`predict(run)` and `train(run)` are coroutine functions that return the output; an exception of theirs becomes
    the answer. A canceled run gets asyncio.CancelledError. Returns when the process must end."""
    acts = {"prediction": predict, "training": train or refuse_training}
    print_by_task()
    tasks = set()
    ended = loop.create_future()

    def start(run):
        task = loop.create_task(one(run))
        tasks.add(task)
        task.add_done_callback(done)

    def done(task):
        tasks.discard(task)
        if not task.cancelled() and task.exception() is not None and not ended.done():
            ended.set_exception(task.exception())

    async def one(run):
        session.begin(run)
        task = asyncio.current_task()
        run.on_cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            # The run was canceled before `on_cancel` was set.
            if run.canceled:
                raise asyncio.CancelledError
            value = await acts[run.kind](run)
        except BaseException as error:  # noqa: B902 - every end of the model's code has its answer
            session.fail(run, error)
        else:
            session.succeed(run, value)

    async def finish():
        await asyncio.gather(*tasks, return_exceptions=True)
        if not ended.done():
            ended.set_result(None)

    def feed():
        while True:
            run = session.next_run()
            if run is None:
                loop.call_soon_threadsafe(lambda: loop.create_task(finish()))
                return
            loop.call_soon_threadsafe(start, run)

    threading.Thread(target=feed, name="millrace-runs", daemon=True).start()
    loop.run_until_complete(ended)
