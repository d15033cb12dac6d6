"""Passes a result that comes by callback to the runner's open session, once the runner has set a receiver. Not for
wrappers."""

_receiver = None


def set_receiver(receiver):
    """`receiver(response, tags)` is called with every result, from any thread. `tags`: the names that the wrapper
    gave for the session."""
    global _receiver
    _receiver = receiver


def deliver(response, *tags):
    """Returns True when there was a receiver."""
    if _receiver is None:
        return False
    _receiver(response, tags)
    return True


def run_of(tag):
    """The worker's run to which a session's tag belongs. None outside of a worker, and for a session that has ended."""
    try:
        from millrace_runner.current import current_run
    except ImportError:
        return None
    run = current_run()
    return run if run is not None and str(tag) == run.id else None
