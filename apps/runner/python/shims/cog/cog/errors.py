"""The errors of cog about its own configuration. Nothing here raises them, but model files may catch them."""


class CogError(Exception):
    """The base of all these errors."""


class ConfigDoesNotExist(CogError):  # noqa: N818 - the name that models import
    """There is no cog.yaml."""


class PredictorNotSet(CogError):  # noqa: N818 - the name that models import
    """cog.yaml names no predictor."""
