"""Sends numbered chunks with progress; fails after some of them on request."""
import os
import signal
import time
from typing import Optional

from cog import BaseModel, Input
from millrace import emit, log, progress


class Output(BaseModel):
    chunks: int


def predict(
    chunks: int = Input(default=3, ge=0),
    pause_ms: float = Input(default=0, ge=0),
    chunk_chars: int = Input(default=0, ge=0, description="How long a text each chunk carries."),
    die_after: Optional[int] = Input(default=None, ge=1, description="Its process is killed once so many chunks are sent."),
    hang_after: Optional[int] = Input(default=None, ge=1, description="Deaf to a stop once so many chunks are sent."),
    fail_after: Optional[int] = Input(default=None, ge=1, description="Raises an error once so many chunks are sent."),
) -> Output:
    for index in range(chunks):
        time.sleep(pause_ms / 1000)
        emit({"index": index, "text": "x" * chunk_chars} if chunk_chars else {"index": index})
        progress((index + 1) / chunks, "chunk %d" % (index + 1))
        log("sent %d" % index)
        if index + 1 == die_after:
            os.kill(os.getpid(), signal.SIGKILL)
        is_told = False
        while index + 1 == hang_after:
            try:
                if not is_told:
                    log("deaf")
                    is_told = True
                time.sleep(60)
            except BaseException:
                pass
        if index + 1 == fail_after:
            raise RuntimeError("fails after %d" % fail_after)
    return Output(chunks=chunks)
