/** The scripts of batches: libs/queue/src/scripts/batches. Called by RedisBatches. */
import { z } from 'zod'
import type { BatchState } from '../../../ports/bulk/batches.ts'
import { BATCHES_PREFIX } from '../../../redis/keys.ts'
import { declareScript } from '../declare-script.ts'
import { digits, flag, json, number, optional, text } from '../wire/argument-kinds.ts'
import { numeric, outcomes } from '../wire/reply-kinds.ts'

const shard = (): string => BATCHES_PREFIX

export const BATCH_SCRIPTS = {
  'batches/open': declareScript({
    shard,
    args: { id: text(), tenant: text(), state: json<BatchState>() },
    reply: outcomes({ begun: {}, exists: {}, limited: {}, barred: {} }),
    reserve: false,
  }),
  'batches/take': declareScript({
    shard,
    args: { id: text(), process: text() },
    reply: outcomes({
      mine: { tenant: z.string(), state: z.string(), rev: numeric, createdMs: numeric, nowMs: numeric },
      taken: {},
      gone: {},
    }),
  }),
  'batches/change': declareScript({
    shard,
    args: { id: text(), rev: digits(), state: json<BatchState>(), ends: flag(), kept_ms: optional(number()) },
    reply: z.enum(['done', 'stale', 'gone']),
  }),
  'batches/due': declareScript({ shard, args: {}, reply: z.array(z.string()) }),
  'batches/forget': declareScript({ shard, args: { id: text() }, reply: z.null() }),
} as const
