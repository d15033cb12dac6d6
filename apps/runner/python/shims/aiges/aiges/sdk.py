"""The base class of wrappers. A star import of this module also brings the modules that wrappers rely on."""
# Wrappers take every name of these imports from here by `import *`.
import base64  # noqa: F401
import json  # noqa: F401
import os  # noqa: F401
import queue  # noqa: F401
import sys  # noqa: F401
import threading  # noqa: F401
import time  # noqa: F401
from multiprocessing import Process  # noqa: F401
from pprint import pprint  # noqa: F401
from threading import Lock  # noqa: F401

from aiges.checks import faults_of_response
from aiges.core.types import *  # noqa: F401,F403
from aiges.core.types import AUDIO, IMAGE, STRING, VIDEO
from aiges.debug_run import run_once, run_stream
from aiges.dto import *  # noqa: F401,F403
from aiges.fields import (  # noqa: F401
    AudioBodyField,
    BooleanParamField,
    DeclaredFields,
    Field,
    ImageBodyField,
    IntegerParamField,
    JsonBodyField,
    NumberParamField,
    ParamField,
    PayloadField,
    StringBodyField,
    StringParamField,
)
from aiges.schema_document import schema_document
from aiges.stream import *  # noqa: F401,F403
from aiges.stream import SessionManager
from aiges.utils.log import log

type_map = {"text": STRING, "audio": AUDIO, "image": IMAGE, "video": VIDEO}


class Metaclass(type):
    """Notes in `__mappings__` what a wrapper class declares."""

    def __new__(cls, name, bases, attrs):
        made = super().__new__(cls, name, bases, attrs)
        fields = DeclaredFields(made)
        mappings = {"inputs": fields.inputs, "params": fields.params, "accepts": fields.accepts}
        for key in ("call", "sub", "route", "call_type"):
            if key in attrs:
                mappings[key] = attrs[key]
        made.__mappings__ = mappings
        return made


class WrapperBase(metaclass=Metaclass):
    """A wrapper overrides the methods that it supports. `config` is for debug runs; a worker gives its own."""

    config = {}
    requestCls = None
    responseCls = None

    def __init__(self, legacy=True, is_aipaas=True, keep_schema_default_value=True):
        self.session = SessionManager()
        self.legacy = legacy
        self.is_aipaas = is_aipaas
        self.keep_schema_default_value = keep_schema_default_value

    def wrapperInit(self, config):
        """Loads the model. Returns 0 or an error code."""
        raise NotImplementedError("the wrapper has no wrapperInit(config)")

    def wrapperFini(self):
        return 0

    def wrapperError(self, ret):
        """Explains an error code in words."""
        return ""

    def wrapperOnceExec(self, params, reqData, usrTag="", persId=0):
        raise NotImplementedError("the wrapper has no wrapperOnceExec(params, reqData)")

    def wrapperOnceExecAsync(self, params, reqData, sid, persId=0):
        raise NotImplementedError("the wrapper has no wrapperOnceExecAsync(params, reqData, sid)")

    def wrapperLoadRes(self, reqData, resId):
        return 0

    def wrapperUnloadRes(self, resId):
        return 0

    def wrapperCreate(self, params, sid, persId=0, usrTag=""):
        raise NotImplementedError("the wrapper has no wrapperCreate(params, sid)")

    def wrapperWrite(self, handle, datas):
        return 0

    def wrapperRead(self, handle):
        return []

    def wrapperDestroy(self, handle):
        return 0

    def wrapperTestFunc(self, data, respData):
        """Nobody calls it, but hosts of the platform require it."""

    def schema(self):
        """The platform's document about this wrapper, as JSON text."""
        return json.dumps(schema_document(self), indent=4, ensure_ascii=False)

    def check_resp(self, resp):
        """True when an answer is as the platform expects. Odd things are logged."""
        faults = faults_of_response(resp, DeclaredFields(self).accepts)
        for fault in faults:
            log.error(fault)
        return not faults

    def run(self, stream=False):
        """For the author: makes one run with the test values of the declared fields, with `stream` as a session.
        Returns whether it went well."""
        return run_stream(self) if stream else run_once(self)

    def run_once(self):
        return run_once(self)

    def run_stream(self):
        return run_stream(self)
