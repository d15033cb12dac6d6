"""Takes an output that comes in pieces. Each piece is told as it comes and kept, so that a failed run keeps what it
gave. Called by the conventions, and by `emit` of the package millrace."""
from ..errors import Canceled


def collect(pieces, run, session, check):
    """All pieces of an iterator, as a list. `check` gives the piece to tell, or raises InvalidOutput; then, and when
    the run is canceled between two pieces, the generator hears of it and can clean up."""
    told = []
    try:
        for piece in pieces:
            told.append(tell(check(piece), run, session))
    except Canceled as error:
        if hasattr(pieces, "throw"):
            pieces.throw(error)
        raise
    except BaseException:
        if hasattr(pieces, "close"):
            pieces.close()
        raise
    return told


async def collect_async(pieces, run, session, check):
    """The same of an asynchronous iterator."""
    told = []
    try:
        async for piece in pieces:
            told.append(tell(check(piece), run, session))
    finally:
        if hasattr(pieces, "aclose"):
            await pieces.aclose()
    return told


def tell(piece, run, session):
    """Tells one piece and keeps it; gives it as it was told. Raises InvalidOutput."""
    # Not broken off between the two: what is told must also be kept.
    with session.interrupt:
        run.chunks.append(run.emit(piece))
        return run.chunks[-1]
