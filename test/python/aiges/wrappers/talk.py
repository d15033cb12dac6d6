"""A session wrapper of the usual kind: threads that wait for frames, and results by callback. Each result repeats the
text of its frame in capitals; some texts are orders."""
import time

from aiges.callback import callback as callback_with_handle
from aiges.core.types import *
from aiges.dto import callback
from aiges.sdk import *

destroyed = []


class UserRequest(object):
    params1 = StringParamField(key="lang", enums=["zh", "en"], value="en")
    input1 = StringBodyField(key="text", value=b"hello")
    input2 = AudioBodyField(key="voice")


class UserResponse(object):
    accept1 = StringBodyField(key="result")
    accept2 = AudioBodyField(key="speech", encoding="wav")


class Talker(StreamHandleThread):
    def run(self):
        while not self.is_stopping:
            request = self.in_q.get()
            self.answer(request.get("text") or request.list[0])

    def answer(self, node):
        text = node.data.decode()
        session = self.session_thread
        response = Response()
        if text == "fail":
            session.callback_fn(response.response_err(4001), session.sid)
            return
        if text == "silent":
            return
        if text == "die":
            raise RuntimeError("the thread has died")
        data = ResponseData(key="result")
        data.setData(text.upper().encode())
        data.status = node.status
        if text == "count":
            data.setData(("%d destroyed" % len(destroyed)).encode())
        response.list = [data]
        if text == "speak":
            data.key, data.type = "speech", DataAudio
            data.setData(b"RIFF....WAVE")
        if text == "by handle":
            callback_with_handle(response, session.handle, session.sid)
        else:
            session.callback_fn(response, session.sid)
        if text == "late":
            session.callback_fn(response, "a session that has ended")
        if node.status in (DataEnd, DataOnce):
            session.reset()


class Wrapper(WrapperBase):
    serviceId = "talk"
    version = "v1"
    requestCls = UserRequest()
    responseCls = UserResponse()

    def wrapperInit(self, config):
        self.session.init_wrapper_config(config)
        self.session.init_handle_pool("thread", config.get("common.lic", 2), Talker)
        return 0

    def wrapperOnceExec(cls, params: {}, reqData: DataListCls, usrTag: str = "") -> Response:
        pass
        return None

    def wrapperError(self, ret):
        return {4001: "cannot hear you", -1: "no handle is idle"}.get(ret, "")

    def wrapperCreate(self, params, sid, persId=0, usrTag=""):
        made = SessionCreateResponse()
        made.handle = self.session.get_idle_handle()
        if not made.handle:
            made.error_code = -1
            return made
        thread = self.session.get_session(handle=made.handle)
        assert params["sid"] == sid == usrTag
        assert params["lang"] == "en"
        thread.setup_sid(sid)
        thread.setup_params(params)
        thread.setup_callback_fn(callback)
        return made

    def wrapperWrite(self, handle, req, sid):
        if req.get("text") is not None and req.get("text").data == b"refuse":
            return 4001
        self.session.get_session(handle=handle).in_q.put(req)
        return 0

    def wrapperDestroy(self, handle):
        destroyed.append(handle)
        return 0
