"""The functions and classes that the platform's own host offers to its wrappers. The classes are those of aiges.dto,
because wrappers mix the two."""
from aiges import hub
from aiges.core.types import *  # noqa: F401,F403 - wrappers take these names from here by `import *`
from aiges.dto import (  # noqa: F401 - as above
    DataListCls,
    DataListNode,
    Response,
    ResponseData,
    SessionCreateResponse,
    callback,
)


def callback_metric(usrTag, key, count):
    """Shows a number with the session's job. Returns 0."""
    run = hub.run_of(usrTag)
    if run is not None:
        run.metrics[str(key)] = count
    return 0


def callback_trace(usrTag, key, value):
    """Writes a line to the job's log. Returns 0."""
    run = hub.run_of(usrTag)
    if run is not None:
        run.log("%s: %s" % (key, value), "debug")
    return 0
