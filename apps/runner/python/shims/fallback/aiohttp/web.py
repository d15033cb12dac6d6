"""The HTTP exceptions of `aiohttp.web`, with `status`, `status_code`, `reason`, `text`. It has nothing else."""
import http


class HTTPException(Exception):
    """`reason` may be any object that can be written as text. Default: the standard phrase of the status."""

    status_code = -1

    def __init__(self, *, headers=None, reason=None, body=None, text=None, content_type=None):
        self.status = self.status_code
        self.reason = _phrase_of(self.status) if reason is None else reason
        self.headers = dict(headers or {})
        self.body = body
        self.content_type = content_type or "text/plain"
        self.text = "%s: %s" % (self.status, self.reason) if text is None and body is None else text
        super().__init__(self.reason)


def _phrase_of(status):
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


class HTTPError(HTTPException):
    pass


class HTTPRedirection(HTTPException):
    pass


class HTTPSuccessful(HTTPException):
    pass


class HTTPClientError(HTTPError):
    pass


class HTTPServerError(HTTPError):
    pass


class HTTPMove(HTTPRedirection):
    def __init__(self, location, **kwargs):
        super().__init__(**kwargs)
        self.location = location
        self.headers["Location"] = str(location)


class HTTPMethodNotAllowed(HTTPClientError):
    status_code = 405

    def __init__(self, method, allowed_methods, **kwargs):
        super().__init__(**kwargs)
        self.method = method
        self.allowed_methods = set(allowed_methods)
        self.headers["Allow"] = ",".join(sorted(self.allowed_methods))


class HTTPRequestEntityTooLarge(HTTPClientError):
    status_code = 413

    def __init__(self, max_size, actual_size, **kwargs):
        text = "Maximum request body size %s exceeded, actual body size %s" % (max_size, actual_size)
        kwargs.setdefault("text", text)
        super().__init__(**kwargs)


class HTTPUnavailableForLegalReasons(HTTPClientError):
    status_code = 451

    def __init__(self, link, **kwargs):
        super().__init__(**kwargs)
        self.link = link


# Exceptions that only have a status.
_PLAIN = {
    HTTPSuccessful: {
        "Ok": 200,
        "Created": 201,
        "Accepted": 202,
        "NonAuthoritativeInformation": 203,
        "NoContent": 204,
        "ResetContent": 205,
        "PartialContent": 206,
    },
    HTTPRedirection: {"NotModified": 304},
    HTTPMove: {
        "MultipleChoices": 300,
        "MovedPermanently": 301,
        "Found": 302,
        "SeeOther": 303,
        "UseProxy": 305,
        "TemporaryRedirect": 307,
        "PermanentRedirect": 308,
    },
    HTTPClientError: {
        "BadRequest": 400,
        "Unauthorized": 401,
        "PaymentRequired": 402,
        "Forbidden": 403,
        "NotFound": 404,
        "NotAcceptable": 406,
        "ProxyAuthenticationRequired": 407,
        "RequestTimeout": 408,
        "Conflict": 409,
        "Gone": 410,
        "LengthRequired": 411,
        "PreconditionFailed": 412,
        "RequestURITooLong": 414,
        "UnsupportedMediaType": 415,
        "RequestRangeNotSatisfiable": 416,
        "ExpectationFailed": 417,
        "MisdirectedRequest": 421,
        "UnprocessableEntity": 422,
        "FailedDependency": 424,
        "UpgradeRequired": 426,
        "PreconditionRequired": 428,
        "TooManyRequests": 429,
        "RequestHeaderFieldsTooLarge": 431,
    },
    HTTPServerError: {
        "InternalServerError": 500,
        "NotImplemented": 501,
        "BadGateway": 502,
        "ServiceUnavailable": 503,
        "GatewayTimeout": 504,
        "VersionNotSupported": 505,
        "VariantAlsoNegotiates": 506,
        "InsufficientStorage": 507,
        "NotExtended": 510,
        "NetworkAuthenticationRequired": 511,
    },
}

for _base, _family in _PLAIN.items():
    for _name, _status in _family.items():
        globals()["HTTP" + _name] = type("HTTP" + _name, (_base,), {"status_code": _status, "__module__": __name__})
