/** /v1/keys: the keys of all tenants, for an administrator. The secret is made here, answered once, and kept nowhere. */
import { createHash, randomBytes } from 'node:crypto'
import {
  type ApiKey,
  type ApiKeyId,
  apiKeyIdSchema,
  apiKeyRequestSchema,
  apiKeySchema,
  base32,
  createdApiKeySchema,
  isoTime,
  ProblemError,
  rotationRequestSchema,
  scopesOf,
  tenantIdSchema,
} from '@millrace/contracts'
import type { KeptKey, NewKey } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import { noteAudit } from '../http/audit/auditor.ts'
import { smallBody, smallJsonOf } from '../http/body/small-json.ts'
import { pageQuery } from '../http/page-query.ts'
import { parseRequest } from '../http/request-faults.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'

const tag = 'Keys'
const scope = 'admin'
const params = z.object({ id: apiKeyIdSchema })
const listQuery = z.strictObject({ tenant: tenantIdSchema.optional(), ...pageQuery })
const created = json('The key. Its text is in this answer and nowhere else.', createdApiKeySchema)

const ROUTES = {
  create: {
    method: 'post',
    path: '/v1/keys',
    operation: 'createKey',
    audit: 'key.create',
    tag,
    scope,
    summary: 'Make a key',
    description: 'For any tenant; a tenant exists as soon as a key names it.',
    request: { body: smallBody(apiKeyRequestSchema) },
    responses: { 201: created },
    problems: ['key_limit', 'tenant_erased'],
  },
  list: {
    method: 'get',
    path: '/v1/keys',
    operation: 'listKeys',
    tag,
    scope,
    summary: 'List keys, newest first',
    description: 'Those that have ended are listed for 30 days more.',
    request: { query: listQuery },
    responses: {
      200: json(
        'One page.',
        z
          .object({ object: z.literal('list'), data: z.array(apiKeySchema), next_cursor: z.string().nullable() })
          .meta({ id: 'ApiKeyList' }),
      ),
    },
  },
  read: {
    method: 'get',
    path: '/v1/keys/{id}',
    operation: 'getKey',
    tag,
    scope,
    summary: 'Read about a key',
    request: { params },
    responses: { 200: json('The key, without its text.', apiKeySchema) },
    problems: ['key_not_found'],
  },
  revoke: {
    method: 'delete',
    path: '/v1/keys/{id}',
    operation: 'revokeKey',
    audit: 'key.revoke',
    tag,
    scope,
    summary: 'Revoke a key',
    description: 'Within 2 seconds it lets nobody in, and event streams that it opened have ended.',
    request: { params },
    responses: { 200: json('It is revoked, or was before.', apiKeySchema) },
    problems: ['key_not_found'],
  },
  rotate: {
    method: 'post',
    path: '/v1/keys/{id}/rotate',
    operation: 'rotateKey',
    audit: 'key.rotate',
    tag,
    scope,
    summary: 'Replace a key',
    description: 'The new key may do the same and ends at the same time. The old one is valid for the overlap yet.',
    request: { params, body: smallBody(rotationRequestSchema) },
    responses: { 201: created },
    problems: ['key_not_found', 'key_ended', 'key_limit'],
  },
} as const satisfies Record<string, Route>

export function keyRoutes(router: Router, { keys }: Pick<ApiDeps, 'keys'>): void {
  router.add(ROUTES.create, async (c) => {
    const { scopes, expires_at, ...asked } = parseRequest(apiKeyRequestSchema, await smallJsonOf(c))
    const expiresMs = expires_at === null ? null : Date.parse(expires_at)
    const { key, ...made } = newSecret(c)
    const kept = await keys.create({ ...asked, ...made, scopes: scopesOf(scopes), expiresMs })
    if (kept === 'past') throw past()
    if (kept === 'barred') throw new ProblemError('tenant_erased')
    if (kept === 'full') throw new ProblemError('key_limit')
    noteAudit(c, { tenant: kept.tenant, subject: kept.id, after: told(kept) })
    return c.json({ ...keyView(kept), key }, 201)
  })

  router.add(ROUTES.list, async (c) => {
    const { keys: listed, nextCursor } = await keys.list(parseRequest(listQuery, c.req.query()))
    return c.json({ object: 'list', data: listed.map(keyView), next_cursor: nextCursor })
  })

  router.add(ROUTES.read, async (c) => c.json(keyView(orMissing(await keys.get(keyIdOf(c))))))

  router.add(ROUTES.revoke, async (c) => {
    const key = orMissing(await keys.revoke(keyIdOf(c)))
    noteAudit(c, { tenant: key.tenant })
    return c.json(keyView(key))
  })

  router.add(ROUTES.rotate, async (c) => {
    const id = keyIdOf(c)
    const { overlap_seconds } = parseRequest(rotationRequestSchema, await smallJsonOf(c))
    const { key, ...made } = newSecret(c)
    const kept = await keys.rotate(id, { ...made, overlapMs: overlap_seconds * 1000 })
    if (kept === 'missing') throw new ProblemError('key_not_found')
    if (kept === 'ended') throw new ProblemError('key_ended')
    if (kept === 'full') throw new ProblemError('key_limit')
    noteAudit(c, { tenant: kept.tenant, after: { ...told(kept), replaced_by: kept.id, overlap_seconds } })
    return c.json({ ...keyView(kept), key }, 201)
  })
}

/** For the audit. The name is left out: it may be a person’s. */
const told = ({ tenant, scopes, models, expiresMs }: KeptKey) => ({
  ...{ tenant, scopes: [...scopes], models: models && [...models], expires_at: isoOrNull(expiresMs) },
})

function newSecret(c: ApiContext): Pick<NewKey, 'id' | 'digest' | 'createdBy'> & { key: string } {
  const id = base32(randomBytes(16))
  const key = `mr_${id}_${base32(randomBytes(52))}`
  return { id, key, digest: createHash('sha256').update(key).digest('hex'), createdBy: principalOf(c).key }
}

function keyIdOf(c: ApiContext): ApiKeyId {
  const id = apiKeyIdSchema.safeParse(c.req.param('id'))
  if (!id.success) throw new ProblemError('key_not_found')
  return id.data
}

function orMissing(key: KeptKey | undefined): KeptKey {
  if (!key) throw new ProblemError('key_not_found')
  return key
}

const past = (): ProblemError =>
  new ProblemError('invalid_request', {
    errors: [{ path: '/expires_at', code: 'past', message: 'expected a time that is yet to come, or null' }],
  })

function keyView(key: KeptKey): ApiKey {
  const { id, tenant, name, scopes, models, createdBy, createdMs, expiresMs, revokedMs, lastUsedMs, replacedBy } = key
  const isExpired = expiresMs !== null && expiresMs <= Date.now()
  return {
    ...{ object: 'api_key', id, tenant, name, scopes: [...scopes], models: models && [...models] },
    status: revokedMs !== null ? 'revoked' : isExpired ? 'expired' : 'active',
    created_at: isoTime(createdMs),
    created_by: createdBy,
    expires_at: isoOrNull(expiresMs),
    revoked_at: isoOrNull(revokedMs),
    last_used_at: isoOrNull(lastUsedMs),
    replaced_by: replacedBy,
  }
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))
