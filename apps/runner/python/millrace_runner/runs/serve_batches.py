"""The loop for models that take several runs in one call. Called by the conventions."""
from .batch_call import BatchCall
from .serve import refuse_training


def serve_batches(session, model, train=None):
    """`model`: a BatchModel. `train(run)` returns the output of a training, which is alone. Returns when the process must
    end."""
    train = train or refuse_training
    while True:
        runs = session.next_batch()
        if runs is None:
            return
        if runs[0].kind == "training":
            session.perform(runs[0], lambda: train(runs[0]))
        else:
            BatchCall(session, model, runs).answer_all()
