"""What the package raises about its own configuration. Nothing here does; model files may catch it."""


class CogError(Exception):
    """Any of them."""


class ConfigDoesNotExist(CogError):  # noqa: N818 - the name that models import
    """There is no cog.yaml."""


class PredictorNotSet(CogError):  # noqa: N818 - the name that models import
    """cog.yaml names no predictor."""
