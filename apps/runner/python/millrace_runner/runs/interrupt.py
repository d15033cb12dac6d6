"""Interrupts the model's code in the main thread when its run is canceled. It never interrupts our own code in the
middle of a frame. Made by session.py."""
import ctypes
import signal
import threading

from ..errors import Canceled

SIGNAL = signal.SIGUSR1


class Interrupt:
    """One per process, made in the main thread. A signal also ends a sleep or a read in which the model waits."""

    def __init__(self):
        self._main = threading.main_thread()
        self._run = None
        self._shields = 0
        self._pending = False
        self.error = Canceled
        signal.signal(SIGNAL, self._on_signal)

    def ask(self, run):
        """Called from any thread. Raises `error` in the main thread if that is inside the run's code; else it does
        nothing."""
        if self._run is not run:
            return
        # A model may have taken the signal for itself. Then the exception comes with its next step in Python.
        if signal.getsignal(SIGNAL) == self._on_signal:
            signal.pthread_kill(self._main.ident, SIGNAL)
        else:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._main.ident), ctypes.py_object(self.error))

    def call(self, run, function):
        """Calls the model's code for a run, in the main thread. Raises `error` when the run is canceled."""
        try:
            self.begin(run)
            return function()
        finally:
            self.end()

    def begin(self, run):
        """From here until `end`, the main thread is in the code of this run."""
        self._run = run
        if run.canceled:
            raise self.error()

    def end(self):
        self._run = None
        self._pending = False

    def __enter__(self):
        """Protects code that must not be interrupted, such as the writing of a frame. It has an effect in the main
        thread only."""
        if threading.current_thread() is self._main:
            self._shields += 1

    def __exit__(self, *_):
        if threading.current_thread() is not self._main:
            return
        self._shields -= 1
        if self._shields == 0 and self._pending:
            self._pending = False
            self._raise()

    def _on_signal(self, _number, _frame):
        if self._shields > 0:
            self._pending = True
        else:
            self._raise()

    def _raise(self):
        run = self._run
        if run is not None and run.canceled and not run.interrupted:
            run.interrupted = True
            raise self.error()
