"""The runs that wait until a model is free that takes several in one call. Kept by session.py: the thread of the pipe
puts them in, the main thread takes them out."""
import collections
import os
import select
import threading
import time

from ..host.host_pipe import FROM_HOST

# So often the pipe's thread is let in, at most, to read what has come.
LOOKS = 50


class Inbox:
    def __init__(self, batch):
        """`batch`: as the manifest has it."""
        self._most = batch["max_size"]
        self._wait_seconds = batch.get("max_wait_ms", 0) / 1000
        self._waiting = collections.deque()
        self._changed = threading.Condition()
        self._is_closed = False

    def put(self, order):
        with self._changed:
            self._waiting.append((time.monotonic(), order))
            self._changed.notify()

    def close(self):
        """The process is to end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def take(self):
        """Waits for the orders of the next call: as many as may go together, of those that the worker has not taken
        back. One that was not sent ahead is alone. None when the process must end."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                self._wait_for_more()
                if self._is_closed:
                    return None
            _let_pipe_read()
            orders = self._taken()
            if orders:
                return orders

    def _wait_for_more(self):
        """As long as the model says, from the time when the first came."""
        if self._wait_seconds == 0 or self._is_closed:
            return
        left = self._waiting[0][0] + self._wait_seconds - time.monotonic()
        self._changed.wait_for(lambda: len(self._waiting) >= self._most or self._is_closed, max(left, 0))

    def _taken(self):
        orders = []
        while len(orders) < self._most:
            with self._changed:
                if not self._waiting or (orders and "held" not in self._waiting[0][1]):
                    break
                order = self._waiting.popleft()[1]
            if "held" not in order:
                return [order]
            if _is_ours(order):
                orders.append(order)
        return orders


def _is_ours(order):
    """Whoever removes the folder of a run has it. If that fails, the worker has taken the run back."""
    try:
        os.rmdir(os.path.join(order["work_dir"], order["held"]))
        return True
    except OSError:
        return False


def _let_pipe_read():
    """Native code of the model may have kept the pipe's thread from reading what was sent meanwhile."""
    for _ in range(LOOKS):
        time.sleep(0)
        if not select.select([FROM_HOST], [], [], 0)[0]:
            return
