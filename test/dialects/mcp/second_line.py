"""The calls of the Python client of MCP of the second line, which speaks 2026-07-28. Run by mcp-python.test.ts."""
import os
from contextlib import asynccontextmanager
from functools import partial

import httpx2
from anyio.from_thread import start_blocking_portal
from calls import call, main
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from session_calls import Session, add_calls


@asynccontextmanager
async def connected():
    headers = {"Authorization": f"Bearer {os.environ['MILLRACE_KEY']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        async with Client(streamable_http_client(os.environ["MILLRACE_MCP"], http_client=http)) as client:
            yield client


with start_blocking_portal() as portal, portal.wrap_async_context_manager(connected()) as client:

    def ask(method, *given, **named):
        return portal.call(partial(getattr(client, method), *given, **named))

    @call("connect")
    def connect():
        assert client.protocol_version == "2026-07-28", client.protocol_version

    add_calls(Session(ask, lambda error: error.code, MCPError))
    main()
