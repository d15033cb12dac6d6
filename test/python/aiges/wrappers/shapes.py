"""Wrappers of one method each, for what differs between generations; named by `ref`."""
import json
import threading

from aiges.core.types import *
from aiges.dto import *
from aiges.sdk import *
from aiges_embed import callback_metric, callback_trace


def said(key="result", **what):
    data = ResponseData()
    data.key = key
    data.setData(json.dumps(what).encode())
    response = Response()
    response.list = [data]
    return response


class Two:
    def wrapperOnceExec(self, params, reqData):
        return said(params=params, data=[node.data.decode() for node in reqData.list])


class Three(WrapperBase):
    def wrapperOnceExec(cls, params: {}, reqData: DataListCls, usrTag: str = "") -> Response:
        return said(tag=usrTag == params["sid"])


class Odd(WrapperBase):
    def wrapperOnceExec(self, request_params, req, *rest):
        return said(sid="sid" in request_params, data=req.list[0].type, rest=len(rest))


class Four(WrapperBase):
    def __init__(self):
        super().__init__()

    def wrapperOnceExec(self, params, reqData, usrTag, persId):
        callback_metric(usrTag, "tokens", 3)
        callback_trace(usrTag, "step", "one")
        return said(tag=usrTag == params["sid"], persId=persId)


class Async(WrapperBase):
    def wrapperOnceExec(self, params, reqData, usrTag="", persId=0):
        pass

    def wrapperOnceExecAsync(self, params, reqData, sid, persId):
        if reqData.list[0].data == b"refuse":
            return 77
        threading.Thread(target=lambda: callback(said(sid=sid == params["sid"]), sid)).start()
        return 0


class Fields(object):
    params1 = StringParamField(key="mode", minLength=2, value="fast", description="How.")
    params2 = NumberParamField(key="ratio", maximum=1.5)
    params3 = IntegerParamField(key="seed", value=123456)
    params4 = BooleanParamField(key="loud", default=True)
    params5 = IntegerParamField("level", enums=[1, 2], required=True)
    params6 = StringParamField(key="style", enums=["a"], value="")
    params7 = StringParamField(key="note", required=True, maxLength=5)
    input1 = StringBodyField(key="text", encoding="gb2312")
    input2 = JsonBodyField(key="options")
    input3 = ImageBodyField(key="text2")
    input4 = StringBodyField(key="mode")


class More(Fields):
    params8 = StringParamField(key="own")


class Answers(object):
    accept1 = JsonBodyField(key="result")
    accept2 = StringBodyField(key="plain")
    accept3 = ImageBodyField(key="picture", encoding="jpg")
    accept4 = AudioBodyField(key="sound")


class Declared(WrapperBase):
    """Declares a bit of all."""

    version = "2.1"
    requestCls = More
    responseCls = Answers()

    def wrapperOnceExec(self, params, reqData):
        params.pop("sid")
        nodes = []
        for node in reqData.list:
            nodes.append([node.key, node.data.hex() if node.key == "text" else node.data.decode(), node.type])
        return said(params=params, nodes=nodes)


class Results(WrapperBase):
    responseCls = Answers()

    def wrapperError(self, ret):
        return "error %s" % ret if ret == 9 else ""

    def wrapperOnceExec(self, params, reqData):
        response = Response()
        kind = reqData.list[0].data.decode()
        if kind == "err":
            return response.response_err(9)
        if kind == "unknown err":
            return response.response_err(10)
        if kind == "untouched":
            return response
        if kind == "text":
            return "text"
        if kind == "number":
            return 10
        pieces = {
            "many": [("plain", "a", 0), ("plain", b"b", 0)],
            "files": [("picture", b"\xff\xd8\xff", 2), ("sound", b"pcm", 1), ("film", b"...", 3)],
            "declared picture": [("picture", b"no magic", 2)],
            "wrong type": [("picture", b"\xff\xd8\xff", 0)],
            "undeclared": [("other", "x", 0)],
            "not json": [("result", "{", 0)],
            "not utf8": [("plain", b"\xff", 0)],
            "no bytes": [("plain", {"a": 1}, 0)],
            "no name": [("", "x", 0)],
            "empty text": [("plain", b"", 0)],
            "odd status": [("plain", "x", 0, 1)],
        }[kind]
        response.list = []
        for key, data, type, *status in pieces:
            one = ResponseData()
            one.key, one.type, one.data = key, type, data
            one.status = status[0] if status else Once
            response.list.append(one)
        return response


class Ends(WrapperBase):
    """Leaves a thread that never ends, and a note of its end."""

    def wrapperInit(self, config):
        threading.Thread(target=threading.Event().wait).start()
        self.note = config["note"]
        return None

    def wrapperOnceExec(self, params, reqData):
        return said()

    def wrapperFini(self):
        open(self.note, "w").close()
        return 0


class Configured(WrapperBase):
    config = {"number": 1}

    def wrapperInit(self, config):
        self.given = config
        return int(config.get("code", 0))

    def wrapperOnceExec(self, params, reqData):
        return said(config=self.given, params=params["flag"])


class Nothing(WrapperBase):
    def wrapperOnceExec(self, params, reqData):
        pass
