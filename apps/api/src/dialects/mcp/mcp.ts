/** The Model Context Protocol, for agents: every model is a tool. A row of the table of dialects. */
import type { Problem, ProblemCode } from '@millrace/contracts'
import type { Dialect } from '../dialect.ts'
import { mcpRoute } from './mcp-route.ts'

/** By JSON-RPC. All others have the number that servers use for what the protocol does not name. */
const CODES: Partial<Record<ProblemCode, number>> = {
  ...{ malformed_json: -32700, invalid_utf8: -32700, json_too_deep: -32700, json_too_large: -32700 },
  ...{ invalid_request: -32600, internal: -32603 },
}

/** A refusal before the message was read: nobody knows its id. */
function refusal({ code, title, detail, request_id, errors }: Problem) {
  const error = {
    code: CODES[code] ?? -32000,
    message: `${title} ${detail}`,
    data: { code, request_id, ...(errors && { errors }) },
  }
  return { body: { jsonrpc: '2.0', error, id: null } }
}

export const mcp: Dialect = {
  name: 'mcp',
  title: 'Model Context Protocol',
  prefixes: ['/mcp'],
  clients: [
    {
      client: 'Claude Code',
      change: 'claude mcp add --transport http millrace {base}/mcp --header "Authorization: Bearer $MILLRACE_API_KEY"',
    },
    {
      client: 'npm @modelcontextprotocol/client',
      change: "new StreamableHTTPClientTransport(new URL('{base}/mcp'), { authProvider: { token: async () => key } })",
    },
    {
      client: 'pip mcp 1.x',
      change: "streamablehttp_client('{base}/mcp', headers={'Authorization': f'Bearer {key}'})",
    },
    {
      client: 'pip mcp 2.x',
      change:
        "streamable_http_client('{base}/mcp', http_client=httpx2.AsyncClient(headers={'Authorization': f'Bearer {key}'}))",
    },
  ],
  refusal,
  routes: mcpRoute,
}
