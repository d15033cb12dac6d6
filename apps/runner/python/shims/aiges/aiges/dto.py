"""The inputs and outputs of a wrapper."""
import base64
import json
import queue
from typing import AnyStr, Dict, List, Tuple  # noqa: F401 - wrappers take these names from here by `import *`

from aiges import hub
from aiges.core.types import *  # noqa: F401,F403 - as above
from aiges.core.types import DataAudio, DataImage, DataText, DataVideo, Once


class DataListNode:
    """One piece of the input. `data`: its bytes. `len`: their number. `type` and `status`: as in aiges.core.types."""

    def __init__(self, key="", data=b"", status=Once, len=0, type=DataText):
        self.key = key
        self.data = data
        self.status = status
        self.len = len
        self.type = type

    def get_data(self):
        return self.data

    def __repr__(self):
        return "DataListNode(%r, %d bytes, type %s, status %s)" % (self.key, self.len, self.type, self.status)


class DataListCls:
    """All pieces of a request, or of one frame of a session."""

    def __init__(self):
        self.list = []

    def get(self, key):
        """The first node of that key, or None."""
        return next((node for node in self.list if node.key == key), None)


class ResponseData:
    """One piece of the output. Wrappers fill it in two ways, and both work: they assign `data`, `len` and `type`, or
    they call `setData` and `setDataType`. `data` may be bytes or text. When nobody sets `len`, it is the number of
    bytes."""

    def __init__(self, key="", data=b"", length=0, type=DataText, status=Once):
        self.key = key
        self.type = type
        self.status = status
        self._data = data
        self._len = length or None

    @property
    def data(self):
        return self._data

    @data.setter
    def data(self, data):
        self._data = data

    @property
    def len(self):
        return (size_of(self._data) or 0) if self._len is None else self._len

    @len.setter
    def len(self, length):
        self._len = length

    def setData(self, data):
        self._data = data
        self._len = None

    def setDataType(self, type):
        if type not in (DataText, DataAudio, DataImage, DataVideo):
            raise Exception("%r is none of DataText, DataAudio, DataImage, DataVideo" % (type,))
        self.type = type

    def toJSON(self):
        return _to_json(self)


class Response:
    """The answer: `list` of ResponseData, or an `error_code` other than 0."""

    def __init__(self):
        self.list = [ResponseData()]
        self.error_code = 0

    def response_err(self, error_code):
        self.error_code = error_code
        return self

    def toJSON(self):
        return _to_json(self)


class SessionCreateResponse:
    def __init__(self):
        self.handle = ""
        self.error_code = 0

    def toJSON(self):
        return _to_json(self)


result_Queue = None


def init_rq():
    """A queue for the results of a debug run; on a worker, results go to the session instead."""
    global result_Queue
    result_Queue = queue.Queue()
    return result_Queue


def callback(r, sid=""):
    """Gives a result to a session, from any thread. `sid`: its sid, usrTag or handle. Returns 0."""
    if not hub.deliver(r, sid):
        if result_Queue is None:
            raise Exception("nobody waits for results: call init_rq() first")
        result_Queue.put(r)
    return 0


def size_of(data):
    """The number of bytes in a result's data; text counts as UTF-8. None when it is neither bytes nor text."""
    if isinstance(data, str):
        return len(data.encode("utf-8", "surrogatepass"))
    return memoryview(data).nbytes if isinstance(data, (bytes, bytearray, memoryview)) else None


def _to_json(value):
    return json.dumps(value, default=_plain, sort_keys=True, indent=4, ensure_ascii=False)


def _plain(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    fields = {name: item for name, item in vars(value).items() if not name.startswith("_")}
    return dict(fields, data=value.data, len=value.len) if isinstance(value, ResponseData) else fields
