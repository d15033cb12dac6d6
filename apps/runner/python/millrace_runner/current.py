"""The session of this process, and the run that the calling code belongs to. Called by the stand-in packages in shims/,
which reach the worker this way, and by the runner itself."""
import contextvars
import threading

session = None
# The runs whose code goes on, of a model that takes several in one call.
called = ()
# The main loop of an ai_integration model.
loop = None
_run = contextvars.ContextVar("millrace_run", default=None)


def set_run(run):
    """Binds the code that follows, in this thread or task, to a run; None unbinds it."""
    _run.set(run)


def own_run():
    """The run that the calling thread or task was bound to, or the run that started the thread. Else None."""
    run = _run.get()
    return getattr(threading.current_thread(), "millrace_run", None) if run is None else run


def current_run():
    """The run of the calling thread or task. In a thread that the model started, it is the only run, if there is
    just one. Else None."""
    run = own_run()
    if run is None and session is not None and len(called) < 2:
        return session.only_run()
    return run
