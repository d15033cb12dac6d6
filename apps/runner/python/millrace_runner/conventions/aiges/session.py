"""A session with a wrapper: it is created, frames are written to it, its results are sent when they come, and it is
destroyed. wrapperOnceExecAsync gives its one answer in the same way, so waiting for that is here too. Called by
run_aiges.py."""
import os
import queue
import threading
import time

from aiges.dto import Response

from ... import current
from ...errors import ModelError
from ...values.output_file import OutputFile
from .calls import call_create, call_destroy, call_once_async, call_read, call_write
from .result import code_of, filled, is_last, is_response, told

# How long a wrapper that can also be read may take to call back before it is asked. Also the time from one question
# to the next.
FIRST_POLL_SECONDS = 0.25
POLL_SECONDS = 0.05
# The platform's code for a session that is silent for too long.
TIMED_OUT = 10019
_NEWS, _END = object(), object()


class AigesSession:
    """The session of one run. The id of the run is its sid, its usrTag and, unless the wrapper has its own, its
    handle."""

    def __init__(self, model, run, params, interrupt):
        self._model = model
        self._run = run
        self._params = params
        self._interrupt = interrupt
        self._handle = run.id
        self._created = False
        # Messages from the callback and read threads to the main thread: news, the end, or an exception.
        self._events = queue.Queue()
        self._lock = threading.Lock()
        self._closed = False
        self._gathered = None
        self._files = 0

    def stream(self, frames):
        """The output of a job with frames. Raises when the session ends early; the results so far are then in
        `run.chunks`."""
        try:
            # A session that was opened must be closed, so a cancel may not come between the two.
            with self._interrupt:
                self._model.open = self
                self._create()
            if self._write(frames):
                self._wait()
        finally:
            with self._interrupt:
                self._close()
        return {"frames": list(self._run.chunks)}

    def once(self, data):
        """The nodes that come from wrapperOnceExecAsync."""
        self._gathered = []
        try:
            self._model.open = self
            code = call_once_async(self._model.wrapper, self._params, data, self._run.id)
            if code is not None and code != 0:
                raise self._model.error(code, "wrapperOnceExecAsync")
            self._wait()
        finally:
            with self._interrupt:
                self._close()
        return self._gathered

    # --- from the wrapper, in any thread

    def owns(self, tags):
        """True when a result with these tags belongs to this session. A handle may soon belong to another session,
        so the sid counts when there is one."""
        named = [str(tag) for tag in tags if tag not in (None, "")]
        return self._run.id in named or (len(named) == 1 and named[0] == str(self._handle))

    def take(self, response, by_callback=True):
        if by_callback:
            self._model.calls_back = True
        with self._lock:
            if self._closed:
                return
            try:
                self._events.put(self._hear(response))
            except Exception as error:
                self._closed = True
                self._events.put(error)

    def _hear(self, response):
        if not is_response(response):
            raise self._model.misuse("a result is %s, not a Response" % type(response).__name__)
        code = code_of(response)
        if code != 0:
            raise self._model.error(code, "the session")
        nodes = filled(response.list)
        if self._gathered is not None:
            self._gathered.extend(told(response.list))
        elif nodes:
            frame = self._on_disk(self._model.results.read(nodes, self._run, once=False))
            self._run.emit(frame)
            self._run.chunks.append(frame)
        self._closed = is_last(response)
        return _END if self._closed else _NEWS if nodes else None

    def _on_disk(self, value):
        """A file of a frame is sent now and becomes part of the output later, but it is written only once."""
        if isinstance(value, dict):
            return {key: self._on_disk(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._on_disk(item) for item in value]
        if not isinstance(value, OutputFile):
            return value
        path = os.path.join(self._run.work_dir, "frame-%d" % self._files)
        self._files += 1
        with open(path, "xb") as file:
            file.write(value.data)
        return OutputFile(path=path, name=value.name, content_type=value.content_type)

    # --- in the main thread

    def _create(self):
        made = call_create(self._model.wrapper, self._params, self._run.id)
        code = made if isinstance(made, int) else getattr(made, "error_code", 0)
        if code:
            raise self._model.error(code, "wrapperCreate")
        if made is None or isinstance(made, int):
            raise self._model.misuse("wrapperCreate returned %r, not a session" % (made,))
        self._handle = made if isinstance(made, str) else made.handle
        self._created = True

    def _write(self, frames):
        """False when the session is over before its last frame."""
        for index, frame in enumerate(frames):
            if self._over(0):
                self._run.log("the session ended before frame %d of %d was written" % (index + 1, len(frames)), "warn")
                return False
            code = call_write(self._model.wrapper, self._handle, frame, self._run.id)
            if code is not None and code != 0:
                if self._over(0):
                    return False
                raise self._model.error(code, "wrapperWrite")
        return True

    def _wait(self):
        """Waits for the last result. Raises ModelError when nothing comes for the idle time."""
        if self._gathered is None and self._model.reads and not self._model.calls_back:
            self._model.reader = threading.Thread(target=self._read, name="millrace-read", daemon=True)
            self._model.reader.start()
        while not self._over(self._model.options.idle_seconds):
            pass

    def _over(self, seconds):
        """Waits for a result; with 0 seconds it only looks. True at the end of the session. Raises when an error
        ended it."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                event = self._events.get(seconds > 0, max(deadline - time.monotonic(), 0))
            except queue.Empty:
                if seconds == 0:
                    return False
                words = "the session gave no result for %g seconds" % seconds
                raise ModelError(words, details={"code": TIMED_OUT}) from None
            if isinstance(event, Exception):
                raise event
            # A sign of life does not count as a result: many wrappers send them without end.
            if event is _END or event is _NEWS and seconds > 0:
                return event is _END

    def _close(self):
        with self._lock:
            self._closed = True
        self._model.open = None
        if not self._created:
            return
        try:
            call_destroy(self._model.wrapper, self._handle, self._run.id)
        except Exception as error:
            self._run.log("wrapperDestroy raised %s: %s" % (type(error).__name__, error), "warn")

    # --- in a thread of its own, for wrappers that are asked for their results: the question may block

    def _read(self):
        current.set_run(self._run)
        pause = threading.Event()
        pause.wait(FIRST_POLL_SECONDS)
        while not self._closed and not self._model.calls_back:
            try:
                self._hear_read(call_read(self._model.wrapper, self._handle, self._run.id))
            except Exception as error:
                self._events.put(error)
                return
            pause.wait(POLL_SECONDS)

    def _hear_read(self, value):
        if isinstance(value, int) and value != 0:
            raise self._model.error(value, "wrapperRead")
        if isinstance(value, list) and value:
            response = Response()
            response.list = value
            self.take(response, by_callback=False)
        elif is_response(value):
            self.take(value, by_callback=False)
        elif value:
            raise self._model.misuse("wrapperRead returned %s, not a Response" % type(value).__name__)
