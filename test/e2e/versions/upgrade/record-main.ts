/**
 * Records what a version of Millrace leaves in Redis, for the test of upgrades:
 *
 *     git worktree add ../former <commit> && (cd ../former && npm ci)
 *     npx tsx test/e2e/versions/upgrade/record-main.ts ../former <commit> test/e2e/versions/upgrade/layout-<n>.json
 *
 * It is real work by real processes of that version, on the model `echo`, and holds nothing private.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Redis } from 'ioredis'
import { ApiClient } from '../../../support/api-client.ts'
import { startMillrace } from '../../../support/processes/millrace-process.ts'
import { startRedis } from '../../../support/servers/redis-server.ts'
import { until } from '../../../support/until.ts'
import { readKeys, type Recording } from './recording.ts'

const [tree = '.', commit = '', out = ''] = process.argv.slice(2)
const cwd = resolve(tree)
const server = await startRedis()
const data = mkdtempSync(join(tmpdir(), 'millrace-recording-'))
const env = {
  REDIS_URL: server.url,
  MILLRACE_DATA_DIR: data,
  MILLRACE_MODELS: join(cwd, 'models/echo'),
  MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
}
const from = { program: join(cwd, 'apps/cli/bin/millrace.mjs'), cwd }
const api = startMillrace('api', env, from)
const worker = startMillrace('worker', env, from)
const client = new ApiClient(await api.url())
const redis = new Redis(server.url)
// Nobody listens at the port that is for discarding, so what is owed stays owed.
const webhook = 'http://127.0.0.1:9/owed'

await client.ready('echo')
const done = await client.run('echo', { message: 'done before the upgrade' })
const owed = await client.run('echo', { message: 'its webhook is owed' }, { webhook })
await until('a delivery was tried', async () => (await redis.keys('*deliver*')).length > 0)
await worker.kill('SIGTERM')
const waiting = await client.accepted('echo', { message: 'waits for the upgrade' }, { webhook, priority: 'low' })
const late = await client.accepted(
  'echo',
  { message: 'starts late' },
  { run_at: new Date(Date.now() + 3_600_000).toISOString() },
)
const canceled = await client.accepted('echo', { message: 'canceled' })
await client.request(`/v1/jobs/${canceled.id}/cancel`, { method: 'POST' })
const keyed = await client.submit('echo', { input: { message: 'keyed' } }, { 'idempotency-key': 'before-the-upgrade' })
const jobs = { done, owed, waiting, late, canceled, keyed: (await keyed.json()) as { id: string } }
await api.kill('SIGTERM')

const recording: Recording = {
  commit,
  recordedAt: Date.now(),
  jobs: Object.fromEntries(Object.entries(jobs).map(([name, { id }]) => [name, id])) as Recording['jobs'],
  keys: await readKeys(redis),
}
writeFileSync(out, `${JSON.stringify(recording, null, 1)}\n`)
console.log(`${Object.keys(recording.keys).length} keys in ${out}`)
redis.disconnect()
await server.stop()
rmSync(data, { recursive: true, force: true })
