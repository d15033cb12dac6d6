"""Stands in for a model's import of the service that used to hold it. Millrace runs the model; there is no Flask here."""
import threading


class InferenceService:
    """Wraps a model with predict(data): one call at a time, with its own hooks around it."""

    def __init__(self, model, config=None):
        self.model = model
        self.config = config or {}
        self._lock = threading.Lock()

    def preprocess(self, data):
        return data

    def predict(self, data):
        with self._lock:
            return self.model.predict(data)

    def postprocess(self, prediction):
        return prediction

    def infer(self, data):
        return self.postprocess(self.predict(self.preprocess(data)))
