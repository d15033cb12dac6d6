"""The class from which models may derive. None has to."""
import abc


class BaseModel(abc.ABC):
    """Every function may be left out. Then the model does not have that ability, or takes no arguments for it."""

    # A dict of fields or a marshmallow Schema class. Every JSON answer of predict must fit it. None: any answer.
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
