"""Checks what the platform expects of a wrapper's answer, besides that it can be read."""
from aiges.core.types import Once, Status, Types
from aiges.dto import Response, size_of


def faults_of(nodes, accepts, once=True, text=False):
    """Sentences about odd things in a list of ResponseData. `accepts`: the declared fields, empty when there are
    none. `once`: whether it is a whole answer and not a part of a stream. `text`: whether data may be text."""
    faults = []
    keys = [node.key for node in nodes]
    declared = {field.key: field.data_type for field in accepts}
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        faults.append("%d results are named %r" % (keys.count(key), key))
    for node in nodes:
        size = size_of(node.data)
        if size is None or isinstance(node.data, str) and not text:
            faults.append("the data of %r is %s, not bytes" % (node.key, type(node.data).__name__))
        elif node.len != size:
            faults.append("the len of %r is %s, but it has %d bytes" % (node.key, node.len, size))
        if once and node.status != Once:
            faults.append("the status of %r is %s, not once" % (node.key, Status.get(node.status, node.status)))
        if declared and node.key not in declared:
            faults.append("%r is no declared result" % node.key)
        elif declared and node.type != declared[node.key]:
            said, wanted = (Types.get(type, type) for type in (node.type, declared[node.key]))
            faults.append("the type of %r is %s, not %s as declared" % (node.key, said, wanted))
    return faults


def faults_of_response(response, accepts):
    """The same for any value that wrapperOnceExec returned. An error code is a valid answer."""
    if not isinstance(response, Response):
        return ["wrapperOnceExec returned %s, not a Response" % type(response).__name__]
    if response.error_code != 0:
        return []
    return faults_of(response.list, accepts) if response.list else ["the Response has an empty list"]
