"""Takes all it uses from star imports, as many wrappers do, and logs in the two ways there are."""
from aiges.sdk import *
from aiges.utils.log import *
from aiges.types import *

filelogger = getFileLogger(level=logging.INFO, name="star")


class Wrapper(WrapperBase):
    def wrapperInit(self, config):
        log.info("loading")
        return 0

    def wrapperOnceExec(self, params, reqData):
        names = [json, os, time, base64, queue, threading, Lock, Process, pprint, SessionManager, DataImage, Types]
        log.debug("too little to tell")
        log.warning("careful")
        filelogger.error("to a file")
        getLogger(name="other").info("hello %s", "you")
        response = Response()
        response.list = [ResponseData(key="names", data=str(len(names)))]
        return response
