/** The scripts about shares and caps of tenants in a model: libs/queue/src/scripts/shares. Called by the stores in tenants/. */
import { z } from 'zod'
import { prefixOfModel } from '../../redis/keys.ts'
import { list, number, optional, rows, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { hash, truth, tuple } from './wire/reply-kinds.ts'

const shard = ({ model }: { model: string }): string => prefixOfModel(model)

export const SHARE_SCRIPTS = {
  'shares/state': declareScript({
    shard,
    args: { model: text(), tenant: optional(text()) },
    reply: tuple({
      nowMs: z.number(),
      scheduled: z.number(),
      /** Of all workers of the model. */
      places: z.array(z.string()),
      total: z.number(),
      rows: z.array(
        tuple({
          ...{ line: z.string(), queued: z.number(), suspects: z.number(), places: z.array(z.string()) },
          /** Microseconds, or ''. */
          oldestUs: z.string(),
          byPriority: z.array(z.number()),
          runs: hash,
        }),
      ),
    }),
    reserve: false,
  }),
  'shares/demand': declareScript({
    shard,
    /** `asked`: under which name earlier needs are kept. */
    args: { model: text(), asked: text() },
    reply: tuple({
      nowMs: z.number(),
      /** Or ''. */
      current: z.string(),
      /** In all lines, those whose time has not come among them. */
      queued: z.number(),
      scheduled: z.number(),
      /** In the hands of workers. */
      running: z.number(),
      /** Jobs submitted or put back, and in how many milliseconds. */
      came: z.number(),
      cameMs: z.number(),
      paused: hash,
      kept: hash,
      /** What each worker has told of its places; see toPlaces. */
      places: z.array(z.string()),
      /** The newest first. `served`: what its worker told last of it, or ''; see publish.lua. */
      versions: z.array(tuple({ version: z.string(), workers: z.number(), served: z.string() })),
      rows: z.array(
        tuple({
          line: z.string(),
          /** Those whose time has not come among them. */
          queued: z.number(),
          sinceMs: z.number(),
          /** Of each tenant that may not run any number: how many wait, and how many more may run. */
          bounded: z.array(z.number()),
          runs: hash,
        }),
      ),
      /** The next ones whose time has not come. */
      soon: z.array(tuple({ line: z.string(), dueMs: z.number() })),
    }),
    reserve: false,
  }),
  'shares/touch': declareScript({
    shard,
    args: { model: text(), fence: number(), tenants: list(text()) },
    reply: z.array(
      tuple({
        /** Below 0: there is none. */
        cap: z.number(),
        running: z.number(),
        queued: z.number(),
        /** Unix time in milliseconds. */
        since: z.number(),
        /** Somebody who began later was here. */
        isStale: truth,
      }),
    ),
  }),
  'shares/set': declareScript({
    shard,
    /** `cap`: below 0 for none. `at`: of the row of changes. */
    args: {
      ...{ model: text(), fence: number() },
      rows: rows({ tenant: text(), weight: number(), cap: number() }),
      at: optional(number()),
    },
    reply: z.array(z.number()),
  }),
  'shares/hungry': declareScript({
    shard,
    args: { model: text() },
    reply: z.array(tuple({ tenant: z.string(), cap: z.number() })),
  }),
  'shares/spent': declareScript({
    shard,
    args: { model: text(), tenants: list(text()) },
    reply: tuple({ day: z.number(), spent: z.array(z.number()) }),
  }),
  'shares/allow': declareScript({
    shard,
    args: {
      ...{ model: text(), day: number() },
      /** Milliseconds. */
      rows: rows({ tenant: text(), limit: optional(number()), most: number() }),
    },
    reply: truth,
  }),
} as const
