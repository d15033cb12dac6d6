"""The loop of every convention whose model is something to call: one run after the other, in the main thread."""


def serve(session, predict, train=None):
    """`predict(run)` and `train(run)` return the output; what they raise is the answer. Returns when the process is to
    end."""
    while True:
        run = session.next_run()
        if run is None:
            return
        call = train if run.kind == "training" else predict
        session.perform(run, lambda: call(run))
