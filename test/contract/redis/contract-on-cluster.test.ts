/** The contracts of the queue once more, on a cluster of three primaries: the very tests that hold for one server. */
import { describe } from 'vitest'
import { tested } from '../../support/servers/open-test-redis.ts'

tested.kind = 'cluster'

describe('versions', async () => void (await import('../queue/versions.test.ts')))
describe('the record', async () => void (await import('../queue/job-record.property.test.ts')))
describe('searches', async () => void (await import('../queue/search.test.ts')))
describe('files', async () => void (await import('../files/file-store.test.ts')))
describe('webhooks', async () => void (await import('../webhooks/webhook-store.test.ts')))
describe('purges', async () => void (await import('../webhooks/webhook-purge.test.ts')))
describe('actions', async () => void (await import('../actions/job-actions.test.ts')))
