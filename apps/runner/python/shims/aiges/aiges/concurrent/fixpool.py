"""A pool that takes no more than its capacity."""
import threading

from aiges.concurrent.pool import Pool
from aiges.worker import Worker  # noqa: F401 - wrappers take the name from here


class FixedPool(Pool):
    """Things by the key that `add` returns. A new pool has room for one; see `set_capacity`."""

    def __init__(self):
        self.capacity = 1
        self.pool = {}
        self._made = 0
        self._lock = threading.Lock()

    @property
    def allocated(self):
        return len(self.pool)

    def set_capacity(self, c):
        # A wrapper's configuration is text.
        self.capacity = int(c)

    def get(self, key):
        return self.pool.get(key)

    def add(self, obj):
        """Returns (True, its key), or (False, "") when the pool is full. A key is never given twice."""
        with self._lock:
            if len(self.pool) >= self.capacity:
                return False, ""
            key = "worker-%d" % self._made
            self._made += 1
            self.pool[key] = obj
            return True, key

    def remove(self, key):
        self.pool.pop(key, None)
        return True

    def clear_all(self):
        self.pool.clear()
