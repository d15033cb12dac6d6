"""Keeps printed text with the run that printed it. It ends with that run, whoever goes on printing afterwards: a thread
that the run started, or a process, which gets pipes of the run's own (see `RunPipes`). Called by main.py and
session.py."""
import functools
import io
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from .. import current

STREAMS = {"stdout": 1, "stderr": 2}
_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}


class RunPipes:
    """Descriptors 1 and 2 are the worker's, until a run starts a process: from then to the end of the run they are named
    pipes in the run's folder, which the worker reads. So the process keeps a place to print to, and what it prints after
    the run is told from what a later run prints. One per process, and one run at a time."""

    def __init__(self, shield):
        """`shield`: a context in which the main thread is not broken off."""
        self._shield = shield
        self._pid = os.getpid()
        self._run = None
        self._own = {}
        self._readers = []
        self._lock = threading.Lock()
        # Whether runs overlap: then nobody can tell whose a process is, and what it prints is not kept.
        self.is_shared = False
        sys.addaudithook(self._on_audit)
        _before_spawn(self.separate)

    def begin(self, run):
        for descriptor in self._readers:
            os.close(descriptor)
        self._readers = []
        self._run = None if self.is_shared else run

    def end(self, run):
        """The descriptors are the worker's again."""
        flush_printed()
        with self._lock:
            if self._run is not run:
                return
            self._run = None
            for descriptor, own in self._own.items():
                os.dup2(own, descriptor)
                os.close(own)
            self._own = {}

    def separate(self):
        """Before a process is started, in whatever thread."""
        if os.getpid() != self._pid:
            return
        with self._shield, self._lock:
            if self._own or (self._run is None and not self.is_shared):
                return
            flush_printed()
            if self.is_shared:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                for descriptor in STREAMS.values():
                    self._point(descriptor, nowhere)
                os.close(nowhere)
                return
            for stream, descriptor in STREAMS.items():
                self._to_pipe(self._run, stream, descriptor)

    def _to_pipe(self, run, stream, descriptor):
        name = ".printed-%d" % descriptor
        path = os.path.join(run.work_dir, name)
        try:
            os.mkfifo(path, 0o600)
            # Held open until the next run. The worker has opened its own end by then, so a pipe always has a reader.
            self._readers.append(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
            writer = os.open(path, os.O_WRONLY)
        except OSError:
            return
        self._point(descriptor, writer)
        os.close(writer)
        run.printed_to(stream, name)

    def _point(self, descriptor, target):
        self._own[descriptor] = os.dup(descriptor)
        os.dup2(target, descriptor)

    def _on_audit(self, event, _arguments):
        if event in _STARTS:
            self.separate()


def _before_spawn(separate):
    """The one way of the standard library to start a process that has no audit event: multiprocessing's spawn."""
    import _posixsubprocess

    fork_exec = _posixsubprocess.fork_exec

    @functools.wraps(fork_exec)
    def wrapped(*arguments):
        separate()
        return fork_exec(*arguments)

    _posixsubprocess.fork_exec = wrapped


class RunStream(io.TextIOWrapper):
    """In place of sys.stdout or sys.stderr: drops what comes from a run that has its answer."""

    def write(self, text):
        run = current.own_run()
        if run is None:
            return super().write(text)
        # The main thread answers by itself; no other prints between the look and the answer.
        if threading.current_thread() is not threading.main_thread():
            run.while_unanswered(lambda: super(RunStream, self).write(text))
        elif not run.answered:
            super().write(text)
        return len(text)


def guard_streams():
    """From here on. Threads belong to the run that started them, and what is submitted to a pool to the run that did."""
    for name in STREAMS:
        stream = getattr(sys, name)
        guarded = RunStream(stream.buffer, "utf-8", "backslashreplace", line_buffering=True, write_through=True)
        guarded.mode = "w"
        setattr(sys, name, guarded)
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit

    @functools.wraps(start)
    def start_in_run(thread):
        thread.millrace_run = current.own_run()
        return start(thread)

    @functools.wraps(submit)
    def submit_in_run(pool, function, /, *arguments, **named):
        return submit(pool, functools.partial(_call_in_run, current.own_run(), function), *arguments, **named)

    threading.Thread.start = start_in_run
    ThreadPoolExecutor.submit = submit_in_run


def _call_in_run(run, function, *arguments, **named):
    # The thread itself may have been started by an earlier run.
    threading.current_thread().millrace_run = run
    return function(*arguments, **named)


def flush_printed():
    """What was printed reaches the worker before what is said next. C's own stdout holds nothing: Python runs with -u."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: B902 - closed or replaced by the model
            pass
