"""The conditions of a filter as parameters of a query. Called by the calls that look for jobs."""
from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, cast
from urllib.parse import urlencode

from ..types import JobFilter

Query = Mapping[str, Optional[str]]


def filter_query(filter: Optional[JobFilter]) -> Dict[str, Optional[str]]:
    query: Dict[str, Optional[str]] = {}
    for name, value in cast(Dict[str, Any], filter or {}).items():
        if name == "metadata":
            query.update({f"metadata[{key}]": label for key, label in value.items()})
        else:
            query[name] = value if value is None or isinstance(value, str) else ",".join(value)
    return query


def query_text(query: Query) -> str:
    """What is None or empty is left out. A label alone may be empty."""
    return urlencode(
        {name: value for name, value in query.items() if value or (value is not None and name.endswith("]"))}
    )
