/**
 * How a route is declared: its documentation and its handler stand side by side, and the default is the safe choice (a key is
 * needed). After the last route, `close` answers other methods with 405. Used by every file of routes.
 */
import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi'
import { type AuditAction, type ProblemCode, ProblemError, PROBLEMS, problemSchema } from '@millrace/contracts'
import type { z } from 'zod'
import type { ApiContext, ApiEnv } from './api-deps.ts'
import { checkCoding, checkQuery, knownQuery } from './check-request.ts'
import type { Access, NeededScope } from './access/authenticate.ts'
import type { Principal } from './access/principal.ts'
import type { AuditedRoute, Auditor } from './audit/auditor.ts'

interface RouteOfAny {
  /** With parameters in braces: /v1/jobs/{id}. */
  path: string
  /** What generated clients call it, such as `submitJob`. No two routes have the same. */
  operation: string
  summary: string
  description?: string
  tag: 'Jobs' | 'Batches' | 'Files' | 'Models' | 'Webhooks' | 'Keys' | 'Tenants' | 'Usage' | 'Workers' | 'Service'
  request?: Omit<NonNullable<RouteConfig['request']>, 'query'> & { query?: z.ZodObject }
  /** The answers other than problems. */
  responses: RouteConfig['responses']
  /** Beside the problems of every route and of every body: see `problemsOf`. */
  problems?: readonly ProblemCode[]
}

/**
 * A route that needs a key says which scope the key must have, and one that changes something says what is written down of it (see
 * http/audit/auditor.ts): one that forgets either does not compile. Scope `any`: every key will do, for what it may ask about itself.
 * Audit `none` is for what a client does all day with its own jobs and files.
 */
export type Route = RouteOfAny &
  Admission &
  (
    | { method: 'get'; audit?: AuditAction }
    | { method: 'post' | 'put' | 'patch' | 'delete'; audit: AuditAction | 'none' }
  )

/**
 * What the OpenAPI document does not name: what only a browser asks for, and what clients of other platforms ask for. Its query is
 * read leniently.
 */
export type UnlistedRoute = Pick<RouteOfAny, 'path' | 'operation'> & {
  /** Called before the key is asked for. Throws ProblemError for whom this route does not even hear. */
  before?: (c: ApiContext) => void
} & Admission &
  (
    | { method: 'get' | 'query'; audit?: AuditAction }
    | { method: 'post' | 'put' | 'patch' | 'delete'; audit: AuditAction | 'none' }
  )

type Admission = { auth: 'open' } | { auth?: Exclude<Auth, 'open'>; scope: NeededScope }

/** `signed`: the handler checks the signed address itself, and asks for the key when there is none. Default: `key`. */
type Auth = 'key' | 'signed' | 'open'

export type Handler = (c: ApiContext) => Response | Promise<Response>

interface RouterParts {
  access: Access
  auditor: Auditor
  /** Whether the document says that a key is needed: a server without a key asks for none. */
  needsKey: boolean
}

export class Router {
  readonly app: OpenAPIHono<ApiEnv>
  readonly #access: Access
  readonly #auditor: Auditor
  readonly #needsKey: boolean
  readonly #methods = new Map<string, string[]>()
  readonly #unlisted: UnlistedRoute[] = []

  constructor(app: OpenAPIHono<ApiEnv>, { access, auditor, needsKey }: RouterParts) {
    this.app = app
    this.#access = access
    this.#auditor = auditor
    this.#needsKey = needsKey
    if (needsKey) app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' })
  }

  /** What `addUnlisted` was given. */
  get unlisted(): readonly UnlistedRoute[] {
    return this.#unlisted
  }

  add(route: Route, handler: Handler): void {
    this.#document(route)
    const query = route.path.startsWith('/v1/') ? knownQuery(route.request?.query?.shape) : undefined
    const hasBody = route.request?.body !== undefined
    this.#mount(route, (c) => {
      if (query) checkQuery(c, query)
      if (hasBody) checkCoding(c)
      return handler(c)
    })
  }

  addUnlisted(route: UnlistedRoute, handler: Handler): void {
    this.#unlisted.push(route)
    this.#mount(route, (c) => {
      if (route.method !== 'get') checkCoding(c)
      return handler(c)
    })
  }

  #mount(route: UnlistedRoute, handler: Handler): void {
    const { method, path } = route
    const scope = route.auth === 'open' || route.auth === 'signed' ? undefined : route.scope
    const audited = auditedOf(route)
    const isRead = method === 'get' || method === 'query'
    this.#methods.set(path, [...(this.#methods.get(path) ?? []), method.toUpperCase()])
    this.app.on(method.toUpperCase(), toPattern(path), (c): Response | Promise<Response> => {
      c.set('route', path)
      route.before?.(c)
      if (scope === undefined) return handler(c)
      if (audited) return this.#audited(c, audited, scope, () => handler(c))
      const principal = this.#access.authenticate(c, scope)
      const admit = (principal: Principal) => {
        c.set('principal', principal)
        return principal.key !== null && isRead ? this.#whileCurrent(principal, handler(c)) : handler(c)
      }
      return principal instanceof Promise ? principal.then(admit) : admit(principal)
    })
  }

  async #audited(c: ApiContext, route: AuditedRoute, scope: NeededScope, run: () => Response | Promise<Response>) {
    try {
      c.set('principal', await this.#access.authenticate(c, scope))
    } catch (error) {
      await this.#auditor.refused(c, route, error)
      throw error
    }
    return this.#auditor.around(c, route, principalOf(c), run)
  }

  /** A reader who waited is answered only if the key is still good. */
  async #whileCurrent(principal: Principal, answer: Response | Promise<Response>): Promise<Response> {
    const given = await answer
    if (this.#access.isCurrent(principal)) return given
    throw new ProblemError('unauthorized')
  }

  /** Call it after the last `add`. OPTIONS names the methods and grants nothing to other sites. */
  close(): void {
    for (const [path, methods] of this.#methods) {
      const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
      this.app.all(toPattern(path), (c) => {
        c.set('route', path)
        c.header('allow', allow)
        if (c.req.method === 'OPTIONS') return c.body(null, 204)
        throw new ProblemError('method_not_allowed')
      })
    }
  }

  #document(route: Route): void {
    const { method, path, operation, summary, description, tag, request, responses } = route
    this.app.openAPIRegistry.registerPath({
      method,
      path,
      summary,
      description,
      tags: [tag],
      operationId: operation,
      security: this.#needsKey ? securityOf(route) : [],
      request,
      responses: { ...responses, ...problemResponses(problemsOf(route)) },
    })
  }
}

/** The scope stands where OpenAPI 3.1 has the roles that a request needs. */
function securityOf(route: Route): RouteConfig['security'] {
  if (route.auth === 'open') return []
  return [{ apiKey: route.scope === 'any' ? [] : [route.scope] }, ...(route.auth === 'signed' ? [{}] : [])]
}

/** All ways in which a request to it may be refused. */
function problemsOf(route: Route): ProblemCode[] {
  const { method, path, request, problems = [] } = route
  const codes: ProblemCode[] = [...problems, 'internal']
  if (route.auth !== 'open') {
    codes.push('unauthorized', ...(route.scope === 'any' ? [] : (['scope_missing'] as const)))
    if (method !== 'get') codes.push('foreign_origin')
    if (route.scope === 'webhooks') codes.push('model_not_allowed')
  }
  if (path.startsWith('/v1/')) codes.push('invalid_request', 'unavailable', 'overloaded')
  if (request?.body) codes.push('body_too_large', 'unsupported_media_type', 'request_timeout')
  const isJson = request?.body && 'application/json' in request.body.content
  if (isJson) codes.push('malformed_json', 'invalid_utf8', 'json_too_deep', 'json_too_large')
  return codes
}

function auditedOf(route: UnlistedRoute): AuditedRoute | undefined {
  const { audit = 'none' } = route
  if (audit === 'none') return undefined
  if (route.auth === 'open' || route.auth === 'signed') throw new TypeError(`${route.path} does not know who asks`)
  return { action: audit, isForAll: route.scope === 'admin' }
}

/** Who asks. A route that forgot to ask for the key fails closed. */
export function principalOf(c: ApiContext): Principal {
  const principal = c.get('principal')
  if (principal === undefined) throw new ProblemError('unauthorized')
  return principal
}

/** Whose jobs and files this request is about. */
export const tenantOf = (c: ApiContext): string => principalOf(c).tenant

/** A JSON body, for `responses`. */
export const json = (description: string, schema: z.ZodType, headers?: Record<string, string>) => ({
  description,
  content: { 'application/json': { schema } },
  ...(headers ? { headers: describeHeaders(headers) } : {}),
})

const describeHeaders = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  )

function problemResponses(codes: readonly ProblemCode[]): RouteConfig['responses'] {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const entries = [...byStatus].map(([status, all]) => {
    const description = all.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join('\n\n')
    const headers = status === 429 || status === 503 ? describeHeaders({ 'Retry-After': 'Seconds.' }) : undefined
    return [status, { description, headers, content: { 'application/problem+json': { schema: problemSchema } } }]
  })
  return Object.fromEntries(entries)
}

const toPattern = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')
