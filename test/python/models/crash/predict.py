"""Ends its process in every way a process can end."""
import os
import signal
import sys

from cog import BaseModel, Input


class Output(BaseModel):
    pid: int


def predict(mode: str = Input(choices=["ok", "exit0", "exit1", "segfault", "abort"])) -> Output:
    if mode == "exit0":
        os._exit(0)
    if mode == "exit1":
        sys.exit(1)
    if mode == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if mode == "abort":
        os.abort()
    return Output(pid=os.getpid())
