"""Calls the methods of a wrapper. Different generations of wrappers take different arguments. They are matched by
name, and by order where a name tells nothing. Called by run_aiges.py, model.py and session.py."""
import dis
import inspect

# The names that wrappers use, in lower case and without underscores.
_SPELLINGS = {
    "params": "params", "param": "params",
    "reqdata": "data", "req": "data", "data": "data", "datas": "data", "request": "data", "datalist": "data",
    "sid": "sid", "sessionid": "sid",
    "usrtag": "tag", "usertag": "tag", "tag": "tag",
    "persid": "resource", "psrid": "resource", "patchid": "resource", "resid": "resource",
    "handle": "handle", "hdl": "handle",
}  # fmt: skip


def call_once(wrapper, params, data, sid):
    return _call(wrapper.wrapperOnceExec, params=params, data=data, tag=sid, resource=0, sid=sid)


def call_once_async(wrapper, params, data, sid):
    return _call(wrapper.wrapperOnceExecAsync, params=params, data=data, sid=sid, resource=0, tag=sid)


def call_create(wrapper, params, sid):
    return _call(wrapper.wrapperCreate, params=params, sid=sid, resource=0, tag=sid)


def call_write(wrapper, handle, data, sid):
    return _call(wrapper.wrapperWrite, handle=handle, data=data, sid=sid)


def call_read(wrapper, handle, sid):
    return _call(wrapper.wrapperRead, handle=handle, sid=sid)


def call_destroy(wrapper, handle, sid):
    return _call(wrapper.wrapperDestroy, handle=handle, sid=sid)


def _call(method, **values):
    """`values` are in the order of a method whose names tell nothing."""
    try:
        parameters = inspect.signature(method).parameters.values()
    except (TypeError, ValueError):
        return method(*values.values())
    left = dict(values)
    named = [left.pop(_meaning(parameter), _NONE) for parameter in parameters]
    args, kwargs, gap = [], {}, False
    for parameter, value in zip(parameters, named):
        if parameter.kind is parameter.VAR_POSITIONAL:
            # A method that takes *args gets the arguments that its host would give, in order.
            args.extend([] if gap else left.values())
            break
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if value is _NONE and parameter.default is parameter.empty and left:
            value = left.pop(next(iter(left)))
        if value is _NONE:
            gap = True
        elif gap or parameter.kind is parameter.KEYWORD_ONLY:
            kwargs[parameter.name] = value
        else:
            args.append(value)
    return method(*args, **kwargs)


_NONE = object()


def _meaning(parameter):
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        return None
    return _SPELLINGS.get(parameter.name.lower().replace("_", ""))


def does(wrapper, name, base):
    """True when a wrapper has a method of its own that does something. The method of `base` does not count. A method
    whose whole body is `pass` or `return None` does not count either: many wrappers have these for everything that
    they do not support."""
    method = getattr(wrapper, name, None)
    function = getattr(method, "__func__", method)
    return callable(method) and function is not getattr(base, name, None) and not _is_empty(function)


def _is_empty(function):
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    steps = [step for step in dis.get_instructions(code) if step.opname not in ("RESUME", "NOP")]
    names = [step.opname for step in steps]
    return names in (["LOAD_CONST", "RETURN_VALUE"], ["RETURN_CONST"]) and steps[0].argval is None


def takes(function, arguments):
    """True when a function or class can be called with these keyword arguments."""
    try:
        inspect.signature(function).bind(**arguments)
    except (TypeError, ValueError):
        return False
    return True
