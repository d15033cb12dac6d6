"""The calls of the Python client of MCP before its second line, which speaks 2025-11-25. Run by mcp-python.test.ts."""
import os
from contextlib import asynccontextmanager
from functools import partial

from anyio.from_thread import start_blocking_portal
from calls import call, main
from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamablehttp_client
from session_calls import Session, add_calls


@asynccontextmanager
async def connected():
    headers = {"Authorization": f"Bearer {os.environ['MILLRACE_KEY']}"}
    async with streamablehttp_client(os.environ["MILLRACE_MCP"], headers=headers) as (read, write, _):
        async with ClientSession(read, write) as session:
            yield session


with start_blocking_portal() as portal, portal.wrap_async_context_manager(connected()) as client:

    def ask(method, *given, **named):
        return portal.call(partial(getattr(client, method), *given, **named))

    session = Session(ask, lambda error: error.error.code, McpError)

    @call("initialize")
    def initialize():
        assert session("initialize")["protocolVersion"] == "2025-11-25"

    add_calls(session)
    main()
