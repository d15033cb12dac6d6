/** The same on a cluster of three primaries: batches lie in a shard of their own, beside those of the models. */
import { describe } from 'vitest'
import { tested } from '../../../../test/support/servers/open-test-redis.ts'

tested.kind = 'cluster'

describe('batches', async () => void (await import('./two-apis.test.ts')))
