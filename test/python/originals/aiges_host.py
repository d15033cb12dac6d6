"""Runs a wrapper with the package aiges itself, as one of its own hosts would: `schema` and `run` as the author by hand,
`run_stream` as the same for a session, `serve` as its gRPC server does with each request. Says on descriptor 3, in JSON, what
came of it. The argument is JSON: folder, what, logs (a folder) and, for `serve`, requests."""
import base64
import json
import os
import queue
import sys
import traceback

given = json.loads(sys.argv[1])
sys.path.insert(0, given["folder"])

import aiges.utils.log  # noqa: E402

# It would write to a folder at the root of the machine.
aiges.utils.log.logpath = given["logs"]

import aiges.dto  # noqa: E402
import aiges.sdk  # noqa: E402
import wrapper  # noqa: E402


def told(nodes):
    return [{"key": node.key, "type": node.type, "status": node.status, "data": coded(node.data)} for node in nodes]


def coded(data):
    return base64.b64encode(data if isinstance(data, bytes) else str(data).encode()).decode()


class Kept:
    """What the wrapper itself answered to the host."""

    def __init__(self, made):
        self.wrapper = made
        self.own = made.wrapperOnceExec
        made.wrapperOnceExec = self.call
        self.answer = None

    def call(self, *arguments):
        self.answer = None
        self.answer = self.own(*arguments)
        return self.answer

    def said(self):
        """Its results, and what its author's check and its error code mean."""
        if not isinstance(self.answer, aiges.dto.Response):
            return {"results": None}
        code = self.answer.error_code
        return {
            "results": told(self.answer.list),
            "passes": self.wrapper.check_resp(self.answer),
            "code": code,
            "words": self.wrapper.wrapperError(code) if code else "",
        }


def schema():
    return json.loads(wrapper.Wrapper().schema())


def run():
    kept = Kept(wrapper.Wrapper())
    kept.wrapper.run()
    return kept.said()


def run_stream():
    heard = []
    init = aiges.sdk.init_rq

    def listening():
        results = init()
        get = results.get

        def hear():
            response = get()
            heard.append(told(response.list))
            return response

        results.get = hear
        return results

    aiges.sdk.init_rq = listening
    wrapper.Wrapper().run(stream=True)
    return heard


def serve():
    from aiges.aiges_inner import aiges_inner_pb2
    from aiges.serve import WrapperServiceServicer

    results = queue.Queue()
    host = WrapperServiceServicer(results)
    ret = host.wrapperInit(aiges_inner_pb2.InitRequest(config=given["config"]), None).ret
    if ret != 0:
        return {"init": ret}
    kept = Kept(host.userWrapperObject)
    answers = []
    for request in given["requests"]:
        nodes = []
        for node in request["data"]:
            data = base64.b64decode(node["data"])
            nodes.append(aiges_inner_pb2.RequestData(key=node["key"], type=node["type"], status=3, len=len(data), data=data))
        try:
            sent = aiges_inner_pb2.Request(tag="tag", params=request["params"], list=nodes)
            ret = host.wrapperOnceExec(sent, None).ret
            sent_back = [] if ret else told(results.get_nowait().list)
            answers.append({**kept.said(), "ret": ret, "sent": sent_back})
        except Exception as error:
            last = traceback.format_exception_only(type(error), error)[-1].strip()
            answers.append({**kept.said(), "raised": last})
    return {"init": 0, "answers": answers}


said = {"schema": schema, "run": run, "run_stream": run_stream, "serve": serve}[given["what"]]()
with os.fdopen(3, "w") as out:
    json.dump(said, out)
# Threads of a wrapper's pool never end.
os._exit(0)
