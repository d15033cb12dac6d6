"""Takes an output that comes in pieces. Each piece is sent when it comes, and kept, so that a failed run keeps what
it gave. Called by the conventions, and by `emit` of the package millrace."""
from ..errors import Canceled


def collect(pieces, run, session, check):
    """Returns all pieces of an iterator as a list. `check` returns the piece to send, or raises InvalidOutput. Then,
    and when the run is canceled between two pieces, the generator is told, so that it can clean up."""
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
    """The same for an asynchronous iterator."""
    told = []
    try:
        async for piece in pieces:
            told.append(tell(check(piece), run, session))
    finally:
        if hasattr(pieces, "aclose"):
            await pieces.aclose()
    return told


def tell(piece, run, session):
    """Sends one piece and keeps it. Returns it as it was sent. Raises InvalidOutput."""
    # Not interrupted between the two: a piece that was sent must also be kept.
    with session.interrupt:
        run.chunks.append(run.emit(piece))
        return run.chunks[-1]
