/** The scripts about what is published of models: libs/queue/src/scripts/models. Called by RedisModelRegistry. */
import type { JobKind, Manifest } from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfModel } from '../../redis/keys.ts'
import { digits, json, list, text } from './argument-kinds.ts'
import { declareScript } from './declare-script.ts'

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
