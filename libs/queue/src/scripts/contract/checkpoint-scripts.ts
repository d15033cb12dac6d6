/** The scripts about checkpoints of jobs: libs/queue/src/scripts/checkpoints. Called by RedisAttemptStore and RedisUpkeepStore. */
import type { JobId } from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfJob, prefixOfModel } from '../../redis/keys.ts'
import type { CheckpointText } from '../../record/checkpoint-text.ts'
import { digits, flag, json, number, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { outcomes } from './wire/reply-kinds.ts'

export const CHECKPOINT_SCRIPTS = {
  'checkpoints/keep': declareScript({
    shard: ({ id }) => prefixOfJob(id),
    args: {
      ...{ id: text<JobId>(), fence: digits(), version: text() },
      /** Of its objects; empty when it has none. */
      folder: text(),
      /** What it takes in the object store. */
      bytes: number(),
      text: json<CheckpointText>(),
      /** What can lie in the object store lies there. */
      is_spared: flag(),
    },
    reply: outcomes({ kept: {}, fenced: {}, crowded: {} }),
  }),
  'checkpoints/dropped': declareScript({
    shard: ({ model }) => prefixOfModel(model),
    args: { model: text() },
    /** Of each: the job, the folder and the tenant, with blanks between. */
    reply: z.array(z.string()),
  }),
} as const
