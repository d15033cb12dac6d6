/** The scripts that take jobs away for good: libs/queue/src/scripts/purge. Called by RedisJobStore and RedisUpkeepStore. */
import type { JobId } from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfJob, prefixOfModel } from '../../redis/keys.ts'
import { text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { truth, tuple } from './wire/reply-kinds.ts'

export const PURGE_SCRIPTS = {
  'purge/job': declareScript({
    shard: ({ id }) => prefixOfJob(id),
    args: { id: text<JobId>(), tenant: text() },
    reply: z.enum(['purged', 'running', 'missing']),
  }),
  'purge/due': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    args: { model: text() },
    reply: tuple({ more: truth, purged: z.array(tuple({ id: z.string(), tenant: z.string() })) }),
  }),
} as const
