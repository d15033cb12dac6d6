"""Prints in every way that could end up in the log of another run."""
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

from cog import BaseModel, BasePredictor, Input

# Prints once when told by a file, and then says so by another.
LATE = 'printf early; while [ ! -e go ]; do sleep 0.02; done; echo "late of $1"; echo "late of $1" >&2; touch said'


class Output(BaseModel):
    pid: int


def both(text):
    sys.stdout.write(text)
    sys.stderr.write(text)


def half(says):
    for descriptor in (1, 2):
        os.write(descriptor, says.encode() + "é".encode()[:1])


def leave(says, end):
    both(says)
    end()
    time.sleep(60)


def fail(says):
    both(says)
    raise RuntimeError("on purpose")


def bar(seconds, end=""):
    for step in range(21):
        sys.stderr.write("\rloading: %d%%|##| %d/20 [00:01<00:01]" % (step * 5, step))
        time.sleep(seconds)
    sys.stderr.write(end)


def many():
    for index in range(1000):
        print("line", index)


def talk(says):
    until = time.monotonic() + 2
    while time.monotonic() < until:
        print("late of", says)
        time.sleep(0.005)


def kill(number):
    return lambda: os.kill(os.getpid(), number)


ACTS = {
    "tail": both,
    "line": print,
    "half": half,
    "raw": lambda says: os.write(1, says.encode()),
    "native": lambda says: ctypes.CDLL(None).printf(says.encode()),
    "exit": lambda says: leave(says, lambda: os._exit(3)),
    "kill": lambda says: leave(says, kill(signal.SIGKILL)),
    "segfault": lambda says: leave(says, kill(signal.SIGSEGV)),
    "throw": fail,
    "bar": lambda says: bar(0.005, "\n"),
    "bar-only": lambda says: bar(0),
    "long": lambda says: print(says * 10_000),
    "many": lambda says: many(),
    "start-child": lambda says: subprocess.Popen(["sh", "-c", LATE, "sh", says], cwd=says),
    "background": lambda says: threading.Thread(target=talk, args=[says], daemon=True).start(),
    "wait": lambda says: time.sleep(0.2),
}


class Predictor(BasePredictor):
    def setup(self):
        sys.stdout.write("setup without end")

    def predict(self, mode: str = Input(choices=list(ACTS)), says: str = "") -> Output:
        ACTS[mode](says)
        return Output(pid=os.getpid())
