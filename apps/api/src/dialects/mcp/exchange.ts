/** One request of MCP: who asks, and what is needed to answer. Made by mcp-route.ts. */
import type { Principal } from '../../http/access/principal.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import type { DialectDeps } from '../dialect.ts'

export interface Exchange {
  c: ApiContext
  deps: DialectDeps
  principal: Principal
  /** How addresses begin; see linkBase. */
  base: string
  /** When it came, by performance.now(). */
  startedAt: number
  /** Aborted when the client has closed the connection before it had its answer. */
  gone: AbortSignal
}
