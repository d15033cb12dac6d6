/** The scripts about what is published of models: libs/queue/src/scripts/models. Called by RedisModelRegistry. */
import type { Manifest } from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfModel } from '../../redis/keys.ts'
import { json, text } from './argument-kinds.ts'
import { declareScript } from './declare-script.ts'

export const MODEL_SCRIPTS = {
  'models/publish': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    args: { model: text(), manifest: json<Manifest>(), worker: text() },
    reply: z.null(),
  }),
} as const
