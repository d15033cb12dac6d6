"""Ends this process when its worker is gone, even while native code holds the interpreter. Started by main.py."""
import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.2


def watch_host(host_pid):
    """`host_pid`: the worker, or None when no worker started this process. The end of the pipe is watched elsewhere."""
    if host_pid is None:
        return
    if sys.platform == "linux":
        # The kernel kills us with our parent, whatever the model is doing then.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_poll, args=(host_pid,), name="millrace-watch", daemon=True).start()
    if os.getppid() != host_pid:
        os._exit(1)


def _poll(host_pid):
    while os.getppid() == host_pid:
        time.sleep(POLL_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
