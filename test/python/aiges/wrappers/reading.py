"""A session wrapper that is asked for its results, as text of the first era; while there are none it gives an empty
one."""
from aiges_embed import *
from aiges.sdk import *


class UserRequest(object):
    input1 = StringBodyField(key="text", value="old wrappers give text here")


class UserResponse(object):
    accept1 = StringBodyField(key="result")


class Wrapper(WrapperBase):
    requestCls = UserRequest()
    responseCls = UserResponse()

    def wrapperInit(cls, config: {}) -> int:
        cls.waiting = {}
        return 0

    def wrapperCreate(cls, params: {}, sid: str) -> str:
        cls.waiting["own-handle"] = []
        return "own-handle"

    def wrapperWrite(cls, handle: str, datas: DataListCls) -> int:
        cls.waiting[handle].append((datas.list[0].data.decode(), datas.list[0].status))
        return 0

    def wrapperRead(cls, handle: str) -> Response:
        r = Response()
        l = ResponseData()
        l.key = "result"
        l.data = ""
        l.status = 1
        l.len = 0
        if len(cls.waiting[handle]) > 0 and cls.waiting[handle][0][0] != "stay silent":
            l.data, l.status = cls.waiting[handle].pop(0)
            l.len = len(l.data)
        if l.data == "hang":
            threading.Event().wait()
        if l.data == "code":
            return -7
        r.list = [l]
        return r

    def wrapperDestroy(cls, handle: str) -> int:
        del cls.waiting[handle]
        return 0
