"""Threads and handles for wrappers that hold sessions: a fixed number of workers, one for each open session."""
import multiprocessing
import os  # noqa: F401 - wrappers take this and more from here by `import *`
import queue
import threading
import time
from multiprocessing import Manager, Process  # noqa: F401 - as above
from threading import Lock

import aiges.core.types as ai_types  # noqa: F401 - as above
from aiges.utils.log import log

lock = Lock()


class SessionManager:
    """A wrapper has one as `self.session`. In this version its processes are threads too."""

    def __init__(self, config=None, mode=ai_types.THREAD_MODE, nums=0):
        self.initialized = False
        self.code = 0
        self.wrapperConfig = config or {}
        self.handle_pool = None
        self.lock = Lock()

    def init_wrapper_config(self, config=None):
        self.wrapperConfig = config or {}

    def init_handle_pool(self, mode, nums, ReqThreadCls):
        """Starts `nums` workers, each with a thread of that class. `nums` may be text, because a wrapper's
        configuration is text."""
        self.handle_pool = ThreadPool(ReqThreadCls, 0, int(nums))
        self.initialized = True

    def get_idle_handle(self):
        """A handle, which is taken from now on. None when all are taken."""
        if self.handle_pool is None:
            return None
        with self.lock:
            return self.handle_pool.get_idle_thread_handle()[0]

    def get_session(self, handle):
        """The worker of a handle, or None."""
        return None if self.handle_pool is None else self.handle_pool.get_thread(handle)

    def set_idle_session(self, handle):
        if self.handle_pool is not None:
            self.handle_pool.set_idle(handle)

    def reset_session(self, handle):
        if self.handle_pool is not None:
            self.handle_pool.reset_thread(handle)

    def push_back(self, handle):
        """Ends the session of a handle. The handle may then be given to another."""
        self.reset_session(handle)


class Pool:
    def __init__(self):
        self.workers = {}

    def get_thread(self, handle):
        return self.workers.get(handle)

    def get_idle_thread_handle(self):
        """(handle, worker), which are taken from now on. (None, None) when all are taken."""
        for handle, worker in self.workers.items():
            if worker.idle:
                worker.is_idle = False
                return handle, worker
        return None, None

    def has_idle(self):
        return any(worker.idle for worker in self.workers.values())

    def reset_thread(self, handle):
        worker = self.workers.get(handle)
        if worker is not None:
            worker.reset()

    def set_idle(self, handle):
        worker = self.workers.get(handle)
        if worker is not None:
            worker.is_idle = True


class ThreadPool(Pool):
    def __init__(self, reqDataThreadCls, processs_no=0, nums=10):
        super().__init__()
        for index in range(nums):
            handle = "Process-%s-Thread-%d" % (processs_no, index)
            worker = self.workers[handle] = WorkerThread(handle)
            worker.setStreamHandleThreadClass(reqDataThreadCls)
            worker.start()


class WorkerThread(threading.Thread):
    """The state of one session, and the queues that lead to its thread."""

    def __init__(self, handle):
        super().__init__(name=str(handle), daemon=True)
        self.handle = handle
        self.sid = ""
        self.params = {}
        self.in_q = queue.Queue()
        self.out_q = queue.Queue()
        self.callback_fn = None
        self.is_idle = True
        self.is_stopping = False
        self.StreamHandleThreadClass = StreamHandleThread
        self._ended = False

    @property
    def idle(self):
        """True when it may be taken. A worker whose thread has died may never be taken."""
        return self.is_idle and not self._ended

    def setup_sid(self, sid):
        self.sid = sid

    def setup_params(self, params):
        self.params = params
        self.is_idle = False

    def setup_callback_fn(self, callback):
        self.callback_fn = callback

    def setStreamHandleThreadClass(self, cls):
        self.StreamHandleThreadClass = cls

    def init_model(self, *args, **kwargs):
        raise NotImplementedError("init_model belongs to the thread class of the wrapper")

    def reset(self):
        self.sid = ""
        self.params = {}
        for waiting in (self.in_q, self.out_q):
            with waiting.mutex:
                waiting.queue.clear()
        self.is_idle = True

    def stop(self):
        self.is_stopping = True

    def run(self):
        try:
            thread = self.StreamHandleThreadClass(self, self.in_q, self.out_q)
            thread.daemon = True
            thread.start()
            thread.join()
        finally:
            self._ended = True


class StreamHandleThread(threading.Thread):
    """Wrappers extend it and override `run`. It takes requests from `in_q`, and gives results to
    `session_thread.callback_fn(response, session_thread.sid)` or puts them into `out_q`."""

    def __init__(self, session_thread, in_q, out_q):
        super().__init__(daemon=True)
        self.is_stopping = False
        self.session_thread = session_thread
        self.in_q = in_q
        self.out_q = out_q

    def init_model(self, *args, **kwargs):
        raise NotImplementedError("the thread class of the wrapper has no init_model")

    def stop(self):
        self.is_stopping = True

    def run(self):
        self.init_model(self.session_thread.handle)
        while not self.is_stopping:
            time.sleep(1)


class Context:
    """The content of one request in a RequestPool."""

    def __init__(self):
        self.reset_ctx()

    def reset_ctx(self):
        self.sid = ""
        self.params = {}
        self.data = None
        self.session_destroyed = False
        self.callback_handle = ""

    def set_data(self, data):
        self.data = data

    def set_callback_handle(self, s):
        self.callback_handle = s

    def set_sid(self, sid):
        self.sid = sid

    def set_params(self, params):
        self.params = params

    def set_destroyed(self):
        self.session_destroyed = True


class RequestPool:
    """Five threads that put the requests of their sessions into one queue, for one ModelProcess to take."""

    def __init__(self, shared_req_queue, callback_fn):
        self.pool = {}
        self.conns_map = {}
        self.shared_req_queue = shared_req_queue
        self.process_id = os.getpid()
        self._lock = Lock()
        self.init_threads(callback_fn)

    def init_threads(self, callback_fn, pool_size=5):
        for index in range(pool_size):
            handle = "process-%d-thread-%d" % (self.process_id, index)
            pipe = self.conns_map[handle] = multiprocessing.Pipe()
            thread = self.pool[handle] = ReqHandleThread(pipe[0], self.shared_req_queue, handle, callback_fn)
            thread.start()

    def get_idle_handle(self):
        """A handle, which is taken from now on. None when all are taken."""
        with self._lock:
            for handle, thread in self.pool.items():
                if thread.status == "idle":
                    thread.set_busy()
                    return handle
        return None

    def set_idle_handle(self, handle):
        self.pool[handle].set_idle()

    def get_thread(self, handle):
        return self.pool[handle]


class ReqHandleThread(threading.Thread):
    def __init__(self, model_pipe_conn, shared_req_queue, handle, callback_fn):
        super().__init__(daemon=True)
        self.model_pipe_conn = model_pipe_conn
        self.input_queue = queue.Queue()
        self.shared_req_queue = shared_req_queue
        self.status = "idle"
        self.is_stopping = False
        self.handle = handle
        self.callback = callback_fn
        self.ctx = Context()

    def set_busy(self):
        self.status = "busy"

    def set_idle(self):
        self.status = "idle"
        self.ctx.reset_ctx()

    def set_ctx(self, sid, params):
        self.ctx.set_sid(sid)
        self.ctx.set_params(params)

    def send_to_input_queue(self, sid, req):
        self.ctx.set_sid(sid)
        self.ctx.set_data(req)
        self.input_queue.put(self.ctx)

    def run(self):
        while not self.is_stopping:
            self.shared_req_queue.put((self.handle, self.input_queue.get()))

    def destroy(self):
        self.set_idle()


class ModelProcess(threading.Thread):
    """Takes the requests that a RequestPool puts into its queue. Wrappers extend it with `infer(ctx, callback)`."""

    def __init__(self, shared_req_queue, result_conns_map, callback_fn):
        super().__init__(daemon=True)
        self.shared_req_queue = shared_req_queue
        self.result_conns_map = result_conns_map
        self.is_stopping = False
        self.callback = callback_fn

    def register_infer_func(self, func):
        self.infer = func

    def infer(self, ctx, callback):
        raise NotImplementedError("the wrapper's ModelProcess has no infer(ctx, callback)")

    def run(self):
        while not self.is_stopping:
            handle, ctx = self.shared_req_queue.get()
            if ctx.session_destroyed:
                log.warning("the session of %s has ended; its request is dropped", handle)
            else:
                self.infer(ctx, self.callback)
