"""What the platform's own host offers to the wrappers that it holds. The classes are those of aiges.dto: wrappers mix
the two."""
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
    """A number that the session's job is shown with. Gives 0."""
    run = hub.run_of(usrTag)
    if run is not None:
        run.metrics[str(key)] = count
    return 0


def callback_trace(usrTag, key, value):
    """A line in the job's log. Gives 0."""
    run = hub.run_of(usrTag)
    if run is not None:
        run.log("%s: %s" % (key, value), "debug")
    return 0
