"""Ends its process in every way a process can end."""
import os
import signal
import sys

from cog import BaseModel, Input


class Output(BaseModel):
    pid: int


def predict(mode: str = Input(choices=["ok", "exit0", "exit1", "segfault", "abort", "memory", "device", "words"])) -> Output:
    if mode == "exit0":
        os._exit(0)
    if mode == "exit1":
        sys.exit(1)
    if mode == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if mode == "abort":
        os.abort()
    if mode == "memory":
        return Output(pid=len(bytearray(2**62)))
    if mode == "device":
        raise RuntimeError("CUDA error: out of memory")
    if mode == "words":
        raise ValueError("I ran out of memory, said the caller")
    return Output(pid=os.getpid())
