/** The scripts about deliveries of webhooks and their settings: libs/queue/src/scripts/webhooks. Called by the stores in webhooks/. */
import type { DeliveryTry, JobId } from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfModel } from '../../redis/keys.ts'
import { shardOfDelivery, WEBHOOKS_SHARD } from '../../redis/webhook-keys.ts'
import { digits, fields, json, list, number, optional, rows, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { hash, numeric, truth, tuple } from './wire/reply-kinds.ts'

/** That of a job's model, or the one of tests. */
const named = ({ shard }: { shard: string }): string => shard
const ofSettings = (): string => WEBHOOKS_SHARD
/** Deliveries of a tenant and model that ended the same way and are kept. */
const ended_kept = number()

export const WEBHOOK_SCRIPTS = {
  'webhooks/fan_out': declareScript({
    shard: named,
    args: {
      shard: text(),
      /** Of the outbox. */
      entry: optional(text()),
      job: optional(text<JobId>()),
      tenant: text(),
      ended_kept,
      /** `owner`: who may see it, when that is not the tenant. */
      deliveries: rows({
        id: text(),
        owner: optional(text()),
        lane: text(),
        status: text<'pending' | 'skipped'>(),
        fields: fields(),
      }),
    },
    reply: truth,
  }),
  'webhooks/lease': declareScript({
    shard: named,
    /** `lease`: for how long. Milliseconds. `told`: fields of the job that go with each. */
    args: { shard: text(), lane: text(), count: digits(), lease: number(), told: list(text()) },
    reply: tuple({
      nowMs: numeric,
      lease: z.string(),
      leased: z.array(tuple({ id: z.string(), delivery: hash, job: z.array(z.string().nullable()) })),
    }),
  }),
  'webhooks/end_try': declareScript({
    shard: named,
    args: {
      shard: text(),
      id: text(),
      lease: number(),
      outcome: text<'delivered' | 'failed' | 'skipped' | 'again' | 'later' | 'lane'>(),
      delay: number(),
      ended_kept,
      tries: json<DeliveryTry[]>(),
      /** Tries of this round, and in all. */
      made: digits(),
      total: digits(),
      host: text(),
    },
    reply: truth,
  }),
  'webhooks/redeliver': declareScript({
    shard: ({ id }) => shardOfDelivery(id),
    args: { id: text(), tenant: text() },
    reply: z.enum(['pending', 'purged', 'missing']),
  }),
  'webhooks/forget': declareScript({
    shard: named,
    args: { shard: text() },
    reply: z.number(),
  }),
  'webhooks/keep': declareScript({
    shard: ofSettings,
    /** `read`: the text that was read, if there was one; `text`: the new one. */
    args: { tenant: text(), read: optional(text()), text: text(), version: digits() },
    reply: truth,
    reserve: false,
  }),
  'webhooks/mark': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    /** `wanted`: ` job.x job.y `, or nothing. */
    args: { model: text(), tenant: text(), version: digits(), wanted: text() },
    reply: z.null(),
  }),
  'webhooks/unmark': declareScript({
    shard: ofSettings,
    args: { tenant: text(), version: number() },
    reply: z.null(),
  }),
} as const
