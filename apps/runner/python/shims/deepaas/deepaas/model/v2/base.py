"""The class that models may derive from; none has to."""
import abc


class BaseModel(abc.ABC):
    """Every function may be left out: then the model lacks it, and has no arguments for it."""

    # A dict of fields or a marshmallow Schema class that every JSON answer of predict must fit; None: any answer.
    schema = None

    def get_metadata(self):
        """The model's name, description, version, author, license …, as a dict."""
        raise NotImplementedError()

    def warm(self):
        """Called once before the first prediction."""
        raise NotImplementedError()

    def get_predict_args(self):
        """The arguments of predict: webargs fields by name."""
        raise NotImplementedError()

    def predict(self, **kwargs):
        """One prediction."""
        raise NotImplementedError()

    def get_train_args(self):
        """The arguments of train: webargs fields by name."""
        raise NotImplementedError()

    def train(self, **kwargs):
        """One training."""
        raise NotImplementedError()
