"""A thread that takes requests one by one and hands them to an object that predicts."""
import abc
import queue
import threading

POLL_SECONDS = 3


class InferClass(abc.ABC):
    @abc.abstractmethod
    def predict(self, *args, **kwargs):
        """Returns the output, and whether this worker ends now."""

    def setHandle(self, hdl):
        self.handle = hdl


class Worker(threading.Thread):
    """Put requests into `in_q`. It ends when `predict` says so, or after `stop`."""

    def __init__(self, name=None, _type="thread", nums=1, context=None):
        super().__init__(name=name, daemon=True)
        self._type = _type
        self.nums = nums
        self.context = {} if context is None else context
        self.in_q = queue.Queue()
        self.out_q = queue.Queue()
        self.infer_class = None
        self.infer_func = None
        self.callback_fn = None
        self.is_stopping = False

    def stop(self):
        self.is_stopping = True

    def register_infer_class(self, instance):
        self.infer_class = instance

    def register_infer_func(self, infer):
        self.infer_func = infer

    def register_callback(self, cb):
        self.callback_fn = cb

    def setHandle(self, hdl):
        self.infer_class.setHandle(hdl)

    def create(self, params=None):
        """For subclasses: called with the parameters of a new session."""

    def run(self):
        while not self.is_stopping:
            try:
                request = self.in_q.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            _, done = self.infer_class.predict(req=request)
            if done:
                return
