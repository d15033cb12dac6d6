/**
 * The scripts about what workers publish: of models, libs/queue/src/scripts/models, and of themselves, libs/queue/src/scripts/workers; and
 * how versions are steered, libs/queue/src/scripts/steering; and what tenants have used of a model, libs/queue/src/scripts/usage. Called by the
 * two registries, RedisModelSteering and RedisUsageStore.
 */
import type { JobKind, Manifest, WorkerEntry } from '@millrace/contracts'
import { z } from 'zod'
import type { Guard } from '../../ports/steering/model-steering.ts'
import { prefixOfModel, WORKERS_PREFIX } from '../../redis/keys.ts'
import { digits, flag, json, list, number, optional, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { outcomes, truth, tuple } from './wire/reply-kinds.ts'

const ofModel = ({ model }: { model: string }): string => prefixOfModel(model)

export const MODEL_SCRIPTS = {
  'models/publish': declareScript({
    shard: ofModel,
    args: {
      model: text(),
      version: text(),
      /** With its contracts, as this worker calls them. */
      manifest: json<Manifest & { contracts: Record<JobKind, string> }>(),
      worker: text(),
      /** How many jobs of the model that worker can run at once. */
      places: digits(),
      /** Which part of its places was busy of late. */
      busy: optional(digits()),
      /** How long it took to load the model. */
      load_ms: optional(digits()),
      lines: list(text()),
      /** The lines of its contracts, by kind. */ prediction: text(),
      training: text(),
    },
    reply: truth,
  }),
  'models/withdraw': declareScript({
    shard: ofModel,
    args: { model: text(), version: text(), worker: text(), lines: list(text()) },
    reply: z.null(),
  }),
  /** `what`: `*` for the whole model, or the line of a version. */
  'models/pause': declareScript({
    shard: ofModel,
    args: { model: text(), what: text(), submits: text<'take' | 'refuse'>() },
    reply: z.null(),
  }),
  'models/resume': declareScript({
    shard: ofModel,
    args: { model: text(), what: text() },
    reply: z.null(),
  }),
  'steering/promote': declareScript({
    shard: ofModel,
    args: {
      model: text(),
      version: text(),
      /** As its worker published it, and the lines of its contracts, by kind. */
      manifest: text(),
      prediction: text(),
      training: text(),
      /** The version that is current now. */
      from: text(),
      /** The newest version takes over from now on. */
      follows: flag(),
      how: text<'promoted' | 'rolled_back'>(),
    },
    reply: outcomes({ done: {}, changed: {}, missing: {} }),
  }),
  'steering/traffic': declareScript({
    shard: ofModel,
    args: {
      model: text(),
      versions: list(text()),
      traffic: json<readonly { version: string; line: string; share: number }[]>(),
      guard: optional(json<Guard>()),
    },
    reply: outcomes({ done: {}, missing: { version: z.string() } }),
  }),
  'steering/tend': declareScript({
    shard: ofModel,
    args: { model: text() },
    /** What has happened and was not told yet, as JSON. */
    reply: z.array(z.string()),
  }),
} as const

const ofWorkers = (): string => WORKERS_PREFIX

export const WORKER_SCRIPTS = {
  'workers/beat': declareScript({
    shard: ofWorkers,
    args: {
      worker: text(),
      entry: json<WorkerEntry>(),
      /** Its models that are not ready, as JSON; empty when all are. */
      unready: text(),
    },
    reply: truth,
  }),
  'workers/leave': declareScript({ shard: ofWorkers, args: { worker: text() }, reply: z.null() }),
  'workers/wish': declareScript({ shard: ofWorkers, args: { worker: text(), drain: flag() }, reply: truth }),
} as const

/** Days since 1970; the last one is included. */
const days = { from: number(), to: number() }

export const USAGE_SCRIPTS = {
  'usage/read': declareScript({
    shard: ofModel,
    args: { model: text(), tenant: text(), ...days },
    reply: tuple({
      next: z.number(),
      found: z.array(tuple({ day: z.number(), key: z.string(), numbers: z.string() })),
    }),
    reserve: false,
  }),
  'usage/tenants': declareScript({
    shard: ofModel,
    args: { model: text(), ...days },
    reply: z.array(z.string()),
    reserve: false,
  }),
} as const
