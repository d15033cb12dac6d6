"""Where a result given by callback goes: to the runner's open session, once the runner has said so. Not for
wrappers."""

_receiver = None


def set_receiver(receiver):
    """`receiver(response, tags)` hears every result, from any thread; tags: what the wrapper named the session by."""
    global _receiver
    _receiver = receiver


def deliver(response, *tags):
    """Whether somebody was there to hear."""
    if _receiver is None:
        return False
    _receiver(response, tags)
    return True


def run_of(tag):
    """The worker's run that a session's tag belongs to; None outside of a worker, and for a session that has ended."""
    try:
        from millrace_runner.current import current_run
    except ImportError:
        return None
    run = current_run()
    return run if run is not None and str(tag) == run.id else None
