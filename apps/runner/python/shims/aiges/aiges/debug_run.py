"""The run that a wrapper's author starts from the file itself: one run with the test values of the fields."""
import inspect

from aiges import dto
from aiges.checks import faults_of_response
from aiges.core.types import DataEnd, DataOnce
from aiges.fields import DeclaredFields
from aiges.utils.log import log

SID = "debug"
STREAM_SECONDS = 60


def run_once(wrapper):
    """Calls wrapperInit, wrapperOnceExec, the checks and wrapperFini. Returns whether all went well; faults are
    logged."""
    if not _init(wrapper):
        return False
    try:
        response = wrapper.wrapperOnceExec(_params_of(wrapper), _request_of(wrapper))
        faults = faults_of_response(response, DeclaredFields(wrapper).accepts)
        code = getattr(response, "error_code", 0)
        if code:
            log.warning("the wrapper answered with error %s: %s", code, wrapper.wrapperError(code))
    except Exception:
        log.exception("wrapperOnceExec raised; wrapperError(-1) is %r", wrapper.wrapperError(-1))
        return False
    finally:
        wrapper.wrapperFini()
    for fault in faults:
        log.error(fault)
    if not faults:
        log.info("the wrapper answers as it should")
    return not faults


def run_stream(wrapper):
    """Calls wrapperInit and wrapperCreate, writes one frame, and takes results until the last. Returns whether they
    came within a minute."""
    results = dto.init_rq()
    if not _init(wrapper):
        return False
    created = wrapper.wrapperCreate(_params_of(wrapper), SID)
    if getattr(created, "error_code", 0):
        log.error("wrapperCreate answered with error %s", created.error_code)
        return False
    frame = (created.handle, _request_of(wrapper), SID)
    # wrapperWrite of older wrappers does not take the session's id.
    wrapper.wrapperWrite(*frame[: len(inspect.signature(wrapper.wrapperWrite).parameters)])
    return _wait_for_end(results)


def _init(wrapper):
    code = wrapper.wrapperInit(wrapper.config)
    if code:
        log.error("wrapperInit answered %s: %s", code, wrapper.wrapperError(code))
    return not code


def _wait_for_end(results):
    while True:
        response = results.get(timeout=STREAM_SECONDS)
        for node in response.list:
            log.info("%s: %d bytes, status %s", node.key, node.len, node.status)
        if response.error_code:
            log.error("the session ended with error %s", response.error_code)
            return False
        if any(node.status in (DataEnd, DataOnce) for node in response.list):
            return True


def _params_of(wrapper):
    return {field.key: field.test_value for field in DeclaredFields(wrapper).params}


def _request_of(wrapper):
    request = dto.DataListCls()
    for field in DeclaredFields(wrapper).inputs:
        value = field.test_value
        request.list.append(dto.DataListNode(field.key, value, len=len(value), type=field.data_type))
    return request
