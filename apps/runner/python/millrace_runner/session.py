"""The side of the process that a convention talks to: it says ready, takes runs, calls the model's code and answers.
There is one per process, made by main.py."""
import os
import queue
import sys
import threading
import time

from . import current
from .errors import InvalidInput, InvalidOutput, ModelError, SetupError
from .host.host_pipe import HostPipe
from .runs.describe_error import describe_error
from .runs.inbox import Inbox
from .runs.interrupt import Interrupt
from .runs.lacked_memory import lacked_memory
from .runs.run import Run
from .runs.run_text import RunPipes, flush_printed

PROTOCOL = 1
DESCRIPTION_CHARS = 4096


class Session:
    def __init__(self, settings):
        self.settings = settings
        self.interrupt = Interrupt()
        self.pipe = HostPipe(self.interrupt)
        self.printed = RunPipes(self.interrupt)
        # Called with each heartbeat, in its thread. Returns the heartbeat's fields `healthy` and `message`.
        self.healthcheck = None
        self._waiting = queue.SimpleQueue()
        self._active = {}
        # False for a convention that does not ask for the next run as soon as the last one is done, and not sooner.
        self.takes_one_by_one = True
        # True for a convention that can call the model for several runs at once.
        self.takes_batches = False
        # The runs that wait for the next call, of a model that takes several in one.
        self._inbox = None
        # The order of the run that waits behind the one that goes on.
        self._held = None
        self._is_ready = False
        self._pid = os.getpid()
        current.session = self
        self.pipe.listen(self._hear, lambda: os._exit(0))

    # --- for conventions

    def ready(self, **found):
        """Describes the model and says ready. Call it once the model is loaded. `found`: manifest fields that the
        convention knows (input_schema, output_schema, and description, version, streams, concurrency, training as
        they apply). The settings win over them. A second call is ignored."""
        if self._is_ready:
            return
        manifest = {"version": "0.0.0", "input_schema": {}, "output_schema": {}}
        manifest.update({key: value for key, value in found.items() if value is not None})
        wanted = {key: value for key, value in self.settings.manifest.items() if value is not None}
        if manifest.get("training") and "training" in wanted:
            wanted["training"] = dict(manifest["training"], **wanted["training"])
        manifest.update(wanted)
        manifest["description"] = manifest.get("description", "")[:DESCRIPTION_CHARS]
        self._open_inbox(manifest)
        self._is_ready = True
        self.printed.is_shared = manifest.get("concurrency", 1) > 1
        flush_printed()
        holds = self.takes_one_by_one and not self.printed.is_shared
        self.pipe.send({"type": "ready", "protocol": PROTOCOL, "manifest": manifest, "holds": holds})
        threading.Thread(target=self._beat, name="millrace-heartbeat", daemon=True).start()

    def _open_inbox(self, manifest):
        batch = manifest.get("batch")
        if not batch:
            return
        if not self.takes_batches:
            takers = "a Cog predictor that is not async, and a plain predict()"
            raise SetupError("batch: only %s can take several inputs in one call; remove it from millrace.yaml" % takers)
        if manifest.get("concurrency", 1) > 1:
            raise SetupError("batch and concurrency exclude each other: who takes lists has one call at a time")
        self._inbox = Inbox(batch)

    @property
    def is_ready(self):
        return self._is_ready

    @property
    def is_busy(self):
        """True when a run is in progress or waits."""
        return bool(self._active)

    def next_run(self):
        """Waits for the next run. None when the process must end."""
        if os.getpid() != self._pid:
            # This is a process that the model forked, and it has left the model's code. It gets no runs.
            os._exit(0)
        run = self._waiting.get()
        if run is not None and run.was_held:
            self.pipe.send({"type": "began", "id": run.id})
        return run

    def next_batch(self):
        """Waits for the runs of the next call, of a model that takes several in one. None when the process must end."""
        orders = self._inbox.take()
        if os.getpid() != self._pid:
            os._exit(0)
        if orders is None:
            return None
        runs = [Run(order, self.pipe.send_text) for order in orders]
        for run in runs:
            run.tells_text = True
            self._active[run.id] = run
        for run in runs:
            if run.was_held:
                self.pipe.send({"type": "began", "id": run.id})
        return runs

    def only_run(self):
        """The active run when there is exactly one."""
        runs = list(self._active.values())
        return runs[0] if len(runs) == 1 else None

    def perform(self, run, function):
        """Calls `function` for the run, as the model's code in the main thread, and answers with what it returns,
        raises or exits with. Its value may hold files. With a SystemExit the process ends, as the model asked.
        Returns the exception of the model that ended the run, or None."""
        self.begin(run)
        try:
            value = self.interrupt.call(run, function)
        except BaseException as error:  # noqa: B902 - every end of the model's code has its answer
            return self.fail(run, error)
        return self.succeed(run, value)

    def begin(self, run):
        """From here on, code in this thread or task belongs to the run."""
        current.set_run(run)
        self.printed.begin(run)

    def succeed(self, run, value):
        """Answers with the output. When that is not valid, the run fails and the exception is returned."""
        self.printed.end(run)
        try:
            done = {"type": "done", "metrics": run.metrics or None}
            run.answer(done, output=value, has_output=True, before=lambda: self._take_held(run))
        except Exception as error:
            # InvalidOutput, or an exception that the model's own types raise when they are read.
            return self.fail(run, error)
        finally:
            self._active.pop(run.id, None)
        return None

    def fail(self, run, error):
        """Answers with the exception. A streaming run also sends the pieces that it gave so far. Returns the
        exception."""
        if isinstance(error, (SystemExit, KeyboardInterrupt, GeneratorExit)):
            exit_process(exit_code_of(error))
        self.printed.end(run)
        self._active.pop(run.id, None)
        partial = {"output": run.chunks, "has_output": True} if run.chunks else {}
        # A model may raise Canceled without being asked to stop. That counts as its failure.
        answer = {"type": "canceled"} if run.canceled else failure_of(error)
        if answer.get("code") == "model_error" and lacked_memory(error):
            answer["out_of_memory"] = True
        try:
            run.answer(answer, **partial)
        except Exception:
            run.answer(answer)
        return error

    def setup_failed(self, error):
        """Says why the model cannot be loaded, or why this process cannot go on, and ends it."""
        if isinstance(error, SetupError):
            message, text = str(error), None
        else:
            message, text = describe_error(error)
        flush_printed()
        said = {"type": "setup_failed", "message": message}
        self.pipe.send(dict(said, traceback=text) if text else said)
        exit_process(1)

    def end(self, code=0):
        """Ends the process at once. Threads that the model left behind do not delay it."""
        exit_process(code)

    # --- the pipe's thread

    def _hear(self, message):
        kind = message["type"]
        if kind == "run" and self._inbox is not None:
            self._inbox.put(message)
        elif kind == "run":
            self._held = message if "held" in message else None
            if self._held is None:
                self._put(message)
        elif kind == "cancel":
            self._cancel(self._active.get(message["id"]))
        elif kind == "checkpointed" and message["id"] in self._active:
            self._active[message["id"]].checkpoints.heard(message)
        elif kind == "draining" and message["id"] in self._active:
            self._active[message["id"]].draining = True
        elif kind == "shutdown":
            for run in list(self._active.values()):
                self._cancel(run)
            self._waiting.put(None)
            if self._inbox is not None:
                self._inbox.close()

    def _put(self, order):
        run = Run(order, self.pipe.send_text)
        self._active[run.id] = run
        self._waiting.put(run)

    def _take_held(self, before):
        """Called when the run before it is done. Whoever removes the folder of a held run has it: if not this process,
        the worker has taken it back. Behind a run that printed the worker could not tell whose the text is."""
        # Native code may have kept the pipe's thread from hearing it.
        time.sleep(0)
        order, self._held = self._held, None
        if order is None or before.has_printed:
            return
        try:
            os.rmdir(os.path.join(order["work_dir"], order["held"]))
        except OSError:
            return
        self._put(order)

    def _cancel(self, run):
        if run is None or run.canceled:
            return
        run.canceled = True
        if run.on_cancel is not None:
            run.on_cancel()
        else:
            self.interrupt.ask(run)

    def _beat(self):
        while not _NEVER.wait(self.settings.heartbeat_seconds):
            health = {} if self.healthcheck is None else self.healthcheck()
            self.pipe.send({"type": "heartbeat", **health})


_NEVER = threading.Event()


def failure_of(error):
    if isinstance(error, InvalidInput):
        return {"type": "failed", "code": "invalid_input", "message": str(error)[:1024], "details": error.details}
    if isinstance(error, InvalidOutput):
        return {"type": "failed", "code": "invalid_output", "message": str(error)[:1024]}
    message, text = describe_error(error)
    if isinstance(error, ModelError):
        return {
            "type": "failed",
            "code": "model_error",
            "message": str(error)[:1024],
            "details": error.details,
            "traceback": error.text,
        }
    return {"type": "failed", "code": "model_error", "message": message, "traceback": text}


def exit_code_of(error):
    """The exit code with which Python would end."""
    code = getattr(error, "code", 130)
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write("%s\n" % (code,))
    return 1


def exit_process(code):
    flush_printed()
    os._exit(code)
