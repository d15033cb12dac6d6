/**
 * The scripts about what workers publish: of models, libs/queue/src/scripts/models, and of themselves, libs/queue/src/scripts/workers. Called
 * by the two registries.
 */
import type { JobKind, Manifest, WorkerEntry } from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfModel, WORKERS_PREFIX } from '../../redis/keys.ts'
import { digits, flag, json, list, text } from './argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { truth } from './reply-kinds.ts'

export const MODEL_SCRIPTS = {
  'models/publish': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    args: {
      model: text(),
      version: text(),
      /** With its contracts, as this worker calls them. */
      manifest: json<Manifest & { contracts: Record<JobKind, string> }>(),
      worker: text(),
      /** How many jobs of the model that worker can run at once. */
      places: digits(),
      lines: list(text()),
      /** The lines of its contracts, by kind. */ prediction: text(),
      training: text(),
    },
    reply: z.null(),
  }),
  'models/withdraw': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    args: { model: text(), version: text(), worker: text(), lines: list(text()) },
    reply: z.null(),
  }),
  /** `what`: `*` for the whole model, or the line of a version. */
  'models/pause': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    args: { model: text(), what: text(), submits: text<'take' | 'refuse'>() },
    reply: z.null(),
  }),
  'models/resume': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    args: { model: text(), what: text() },
    reply: z.null(),
  }),
} as const

const ofWorkers = (): string => WORKERS_PREFIX

export const WORKER_SCRIPTS = {
  'workers/beat': declareScript({
    shard: ofWorkers,
    args: { worker: text(), entry: json<WorkerEntry>() },
    reply: truth,
  }),
  'workers/leave': declareScript({ shard: ofWorkers, args: { worker: text() }, reply: z.null() }),
  'workers/wish': declareScript({ shard: ofWorkers, args: { worker: text(), drain: flag() }, reply: truth }),
} as const
