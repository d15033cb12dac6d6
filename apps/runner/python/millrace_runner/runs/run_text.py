"""Keeps printed text with the run that printed it. The text of a run ends with the run, even when something goes on
printing: a thread that the run started, or a process, which gets pipes of the run's own (see `RunPipes`). Called by
main.py and session.py."""
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
    """Gives a run its own pipes when it starts a process. Until then, descriptors 1 and 2 are the worker's. From
    then to the end of the run they are named pipes in the run's folder, which the worker reads. So the process can
    still print after the run, and its text does not mix with that of a later run. One per process, for one run at a
    time."""

    def __init__(self, shield):
        """`shield`: a context in which the main thread is not interrupted."""
        self._shield = shield
        self._pid = os.getpid()
        self._run = None
        self._own = {}
        self._readers = []
        self._lock = threading.Lock()
        # True when runs overlap. Then nobody can tell which run a process belongs to, so its text is not kept.
        self.is_shared = False
        sys.addaudithook(self._on_audit)
        _before_spawn(self.separate)

    def begin(self, run):
        for descriptor in self._readers:
            os.close(descriptor)
        self._readers = []
        self._run = None if self.is_shared else run

    def end(self, run):
        """Gives the descriptors back to the worker."""
        flush_printed()
        with self._lock:
            if self._run is not run:
                return
            self._run = None
            for descriptor, own in self._own.items():
                os.dup2(own, descriptor)
                os.close(own)
            self._own = {}

    @property
    def is_separate(self):
        """True when the descriptors are the run's own pipes."""
        return bool(self._own)

    def separate(self):
        """Called before a process is started, in any thread."""
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
            self._run.has_printed = True
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
    """multiprocessing's spawn is the only way of the standard library to start a process without an audit event."""
    import _posixsubprocess

    fork_exec = _posixsubprocess.fork_exec

    @functools.wraps(fork_exec)
    def wrapped(*arguments):
        separate()
        return fork_exec(*arguments)

    _posixsubprocess.fork_exec = wrapped


class RunStream(io.TextIOWrapper):
    """Takes the place of sys.stdout or sys.stderr, and drops text from a run that has its answer."""

    # `stdout` or `stderr`.
    stream = None

    def write(self, text):
        run = current.own_run()
        if run is None:
            return super().write(text)
        run.has_printed = True
        if run.tells_text and not current.session.printed.is_separate:
            # The worker could not tell its first words in the process's own pipe from the last ones of the run before.
            run.printed(self.stream, text)
            return len(text)
        # The main thread gives the answers itself. Any other thread must not print between the check and the answer.
        if threading.current_thread() is not threading.main_thread():
            run.while_unanswered(lambda: super(RunStream, self).write(text))
        elif not run.answered:
            super().write(text)
        return len(text)


def guard_streams():
    """Guards the streams from here on. A thread belongs to the run that started it. Work in a pool belongs to the
    run that submitted it."""
    for name in STREAMS:
        stream = getattr(sys, name)
        guarded = RunStream(stream.buffer, "utf-8", "backslashreplace", line_buffering=True, write_through=True)
        guarded.mode = "w"
        guarded.stream = name
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
    """Sends printed text to the worker before the next message. C's own stdout holds nothing back, because Python
    runs with -u."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: B902 - closed or replaced by the model
            pass
