/**
 * The isolation of tenants below the paths of other platforms: each route that `GET /dialects` names. Each dialect has answers of its
 * own, so here only what all must hold is looked at: what is another's is answered as what is not there, and is left as it is.
 */
import type { JobId, Scope } from '@millrace/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { type Answer, MARK, MODEL, OWNER, startIsolationWorld } from './start-isolation-world.ts'

const world = await startIsolationWorld()
afterAll(() => world.stop())
const { ask, keys, queue, make } = world

interface DialectRoute {
  method: string
  path: string
  /** Null: everybody may. */
  scope: Scope | 'any' | null
}

const { text } = await ask('GET', '/dialects')
const { data } = JSON.parse(text) as { data: { routes: DialectRoute[] }[] }
const routes = data
  .flatMap((dialect) => dialect.routes)
  .map((route) => ({ ...route, name: `${route.method} ${route.path}` }))
/** A parameter that names a job, in the words of each. */
const JOB = /\{(id|uuid|request|prediction|training)\}/
/** The address of an upload lets in whom it was given to, without a key: it is signed. test/dialects forges some. */
const SIGNED = ['/fal/rest/storage/upload/to/', '/fal/cdn/files/{file}/']
const closed = routes.filter(({ scope, path }) => scope !== null && !SIGNED.some((start) => path.startsWith(start)))
const ofJobs = closed.filter(({ path }) => JOB.test(path))
const others = closed.filter(({ path, method }) => !JOB.test(path) && method === 'GET')

const STATES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const
const jobs: { state: string; id: string }[] = []
for (const state of STATES) jobs.push({ state, id: await make.job[state]!() })
const kept = () => Promise.all(jobs.map(({ id }) => queue.upkeep.get(id as JobId)))
const asTheyWere = await kept()

const missing = (id: string): string => `${id.slice(0, -8)}${'0'.repeat(8)}`
const pathOf = (path: string, id: string) =>
  path
    .replace(JOB, id)
    .replace(/\{version\}/, `${MODEL}.1.0.0`)
    .replace(/\{(owner|user)\}/, 'x')
    .replace(/\/\*$/, '/x')
    .replaceAll(/\{\w+\}/g, MODEL)
const askFor = ({ method, path }: DialectRoute, key: string | undefined, id = 'x') =>
  ask(method, pathOf(path, id), {
    key,
    headers: { prefer: 'respond-async' },
    ...(method !== 'GET' && method !== 'DELETE' && { body: {} }),
  })
const plain = ({ status, text }: Answer, id: string) => ({
  status,
  text: text.replaceAll(id, '<id>').replaceAll(/[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, ''),
})

it('knows the routes', () => {
  expect(ofJobs.length).toBeGreaterThan(15)
  expect(others.length).toBeGreaterThan(10)
})

describe('a stranger is let in nowhere:', () => {
  it.each(closed)('$name', async (route) => {
    for (const key of [keys.none, keys.malformed, keys.revoked])
      expect((await askFor(route, key, jobs[0]?.id)).status).toBe(401)
  })
})

describe('a key without the scope is refused:', () => {
  it.each(closed.filter(({ scope }) => scope !== 'any'))('$name', async (route) => {
    expect((await askFor(route, keys.without(route.scope as Scope), jobs[0]?.id)).status).toBe(403)
  })
})

describe('what is another’s is answered as what is not there:', () => {
  it.each(ofJobs)('$name', async (route) => {
    for (const key of [keys.other, keys.elsewhere]) {
      for (const { state, id } of jobs) {
        const none = missing(id)
        const [absent, theirs] = await Promise.all([none, id].map((one) => askFor(route, key, one)))
        expect([state, plain(theirs!, id)]).toEqual([state, plain(absent!, none)])
        expect(theirs?.text).not.toContain(MARK)
      }
    }
  })

  it.each(others)('$name', async (route) => {
    const { text } = await askFor(route, keys.other)
    for (const mark of [MARK, OWNER, ...jobs.map(({ id }) => id)]) expect(text).not.toContain(mark)
  })

  it('and left as it was', async () => {
    expect(await kept()).toEqual(asTheyWere)
  })
})

it('the owner is answered', async () => {
  const shown: string[] = []
  for (const route of ofJobs.filter(({ method }) => method === 'GET')) {
    const { status, text } = await askFor(route, keys.own, jobs[2]?.id)
    if (status < 300 && text.includes(MARK)) shown.push(route.name)
  }
  expect(shown.length).toBeGreaterThan(3)
})
