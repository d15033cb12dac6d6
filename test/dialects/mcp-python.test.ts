/** The official MCP clients for Python, before their second line and in it, against a whole Millrace. */
import { afterAll, beforeAll } from 'vitest'
import type { Stack } from '../support/start-stack.ts'
import { pythonCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startDialectStack({ MILLRACE_TOOL_SECONDS: '4' })
}, 60_000)
afterAll(() => stack?.stop())

const env = () => ({ MILLRACE_MCP: `${stack.client.url}/mcp`, MILLRACE_KEY: KEY })

/** See session_calls.py. */
const CALLS = [
  'list_tools',
  'call_tool',
  'call_tool with progress_callback',
  'call_tool with files',
  'call_tool, refused',
  'call_tool, failing',
  'call_tool, unknown',
  'call_tool, slow: wait, look and cancel',
  'list_resources',
  'list_resource_templates',
  'read_resource',
]

pythonCalls(
  {
    ...{ platform: 'Model Context Protocol', client: 'pip mcp 1.x', version: '1.30.0' },
    ...{ requirements: 'mcp-1', program: new URL('./mcp/first_line.py', import.meta.url) },
  },
  ['initialize', ...CALLS],
  env,
)
pythonCalls(
  {
    ...{ platform: 'Model Context Protocol', client: 'pip mcp 2.x', version: '2.3.0' },
    ...{ requirements: 'mcp-2', program: new URL('./mcp/second_line.py', import.meta.url) },
  },
  ['connect', ...CALLS],
  env,
)
