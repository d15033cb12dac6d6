"""Stands in for the service that a model's file imports. Millrace runs the model, and there is no Flask here."""
import logging
import threading

logger = logging.getLogger(__name__)


class InferenceService:
    """Wraps a model with predict(data): one call at a time, with its own hooks around it. With a `threshold` in its
    config, numbers above it become 1 and all others 0."""

    def __init__(self, model, config=None):
        self.model = model
        self.config = config or {}
        self.lock = threading.Lock()

    def preprocess(self, data):
        return data

    def predict(self, data):
        with self.lock:
            prediction = self.model.predict(data)
        threshold = self.config.get("threshold")
        return prediction if threshold is None else _above(prediction, threshold)

    def postprocess(self, prediction):
        return prediction

    def infer(self, data):
        return self.postprocess(self.predict(self.preprocess(data)))


def _above(prediction, threshold):
    if isinstance(prediction, (list, tuple)):
        return [_above(item, threshold) for item in prediction]
    above = prediction > threshold
    # Arrays and tensors have one of these methods; a plain number has neither.
    return above.astype(int) if hasattr(above, "astype") else above.int() if hasattr(above, "int") else int(above)
