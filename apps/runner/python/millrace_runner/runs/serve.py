"""The loop for models that are called: one run after the other, in the main thread. Called by the conventions."""


from ..errors import InvalidInput


def serve(session, predict, train=None):
    """`predict(run)` and `train(run)` return the output; an exception of theirs becomes the answer. Returns when the
    process must end."""
    acts = {"prediction": predict, "training": train or refuse_training}
    while True:
        run = session.next_run()
        if run is None:
            return
        session.perform(run, lambda: acts[run.kind](run))


def refuse_training(run):
    raise InvalidInput("the model cannot be trained")
