"""Does not end by itself, in four ways; says its process id first."""
import ctypes
import os
import signal
import time

from cog import BaseModel, Input
from millrace import progress


class Output(BaseModel):
    pid: int


def predict(
    mode: str = Input(choices=["block", "never", "polite", "ignore-term"]),
    seconds: int = Input(default=3600, description="How long `block` and `ignore-term` take."),
) -> Output:
    if mode == "ignore-term":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    progress(0.5, "pid %d" % os.getpid())
    if mode in ("block", "ignore-term"):
        # Native code that does not let go of the interpreter: no message and no heartbeat gets through.
        ctypes.PyDLL(None).sleep(seconds)
    while mode == "never":
        try:
            time.sleep(3600)
        except BaseException:
            pass
    if mode == "polite":
        time.sleep(3600)
    return Output(pid=os.getpid())
