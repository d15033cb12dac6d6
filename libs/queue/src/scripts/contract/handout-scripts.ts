/** The scripts that give jobs to workers and take them back: libs/queue/src/scripts/handout. Called by the stores in jobs/ and by HandOut. */
import {
  type JobError,
  type JobEvent,
  type JobId,
  jobStatusSchema,
  type JsonValue,
  type Progress,
  type StoredFile,
} from '@millrace/contracts'
import { z } from 'zod'
import { prefixOfModel } from '../../redis/keys.ts'
import { digits, flag, json, list, number, optional, rows, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { hash, outcomes, truth, tuple } from './wire/reply-kinds.ts'

const ofPrefix = ({ prefix }: { prefix: string }): string => prefix
const ofModel = ({ model }: { model: string }): string => prefixOfModel(model)

export const HANDOUT_SCRIPTS = {
  'handout/take': declareScript({
    perJob: true,
    shard: ofPrefix,
    args: {
      prefix: text(),
      worker: text(),
      /** Of the model that this worker has. */
      version: text(),
      /** Names this part of the process, and the number of its call: the same again is answered the same. */
      process: text(),
      seq: digits(),
      /** How many jobs it has room for. */
      n: number(),
      /** Nothing is held in that process. */
      alone: flag(),
      /** How long a lease is. Milliseconds. */
      lease: number(),
      lines: list(text()),
      ends: rows({
        id: text<JobId>(),
        fence: digits(),
        action: text<'succeed' | 'fail' | 'stop' | 'release'>(),
        run_ms: optional(digits()),
        /** How long it was in the worker before its model began, if that did. */
        waited_ms: optional(digits()),
        /** Of that time, how long its inputs were fetched. */
        fetched_ms: optional(digits()),
        /** What it ran on. */
        device: optional(text()),
        /** Of an end whose record tells no time of the model: for how long it ran. Its tenant is charged for that. */
        used_ms: optional(digits()),
        output: optional(json<JsonValue>()),
        output_files: optional(json<StoredFile[]>()),
        /** Of the output, with its files. */
        bytes: optional(number()),
        /** Of these, what lies in the object store. */
        stored: optional(number()),
        /** Of a success. */
        model_metrics: optional(json<Record<string, unknown>>()),
        /** Of a failure. */
        blame: optional(text<'model' | 'crash' | 'platform' | 'source' | 'final'>()),
        error: optional(json<JobError>()),
        code: optional(text<JobError['code']>()),
        /** Of a failure: it is the model's own, and says something of its version. */
        is_own: optional(flag()),
        /** Of a release: whether the model had begun, and in how many milliseconds the job is to be given out again. */
        begun: optional(flag()),
        delay: optional(number()),
      }),
    },
    reply: tuple({
      /** One for each end, in order. */
      ended: z.array(
        outcomes({ done: { status: jobStatusSchema }, queued: { delayMs: z.number() }, fenced: {}, crowded: {} }),
      ),
      taken: z.array(tuple({ id: z.string(), record: hash })),
      nextMs: z.number(),
      becomesIdle: truth,
    }),
  }),
  'handout/beat': declareScript({
    perJob: true,
    shard: ofPrefix,
    args: {
      prefix: text(),
      lease: number(),
      /** Of a process that was asked to become idle: its name as in `take`, and its lines. */
      process: optional(text()),
      lines: list(text()),
      /** The event is that of the progress. */
      attempts: rows({
        id: text<JobId>(),
        fence: digits(),
        /** As soon as its model has begun: how long it was in the worker before. */
        waited_ms: optional(digits()),
        progress: optional(json<Progress>()),
        event: optional(json<JobEvent>()),
      }),
    },
    reply: z.array(z.enum(['ok', 'cancel', 'lost'])),
  }),
  'handout/ring': declareScript({
    shard: ofPrefix,
    args: { prefix: text(), lines: list(text()) },
    reply: z.null(),
  }),
  'handout/reconcile': declareScript({
    shard: ofModel,
    /** How long a lease is. Milliseconds. */
    args: { model: text(), lease: number() },
    reply: tuple({
      expired: z.number(),
      abandoned: z.number(),
      recovered: z.number(),
      more: truth,
      former: truth,
      cancels: truth,
      steered: truth,
      relocates: truth,
      drops: truth,
    }),
  }),
  /** Jobs of the former layout of Redis: libs/queue/src/scripts/upgrade. */
  'upgrade/carry_over': declareScript({
    shard: ofModel,
    args: { model: text() },
    reply: tuple({ carried: z.number(), adopted: z.number(), refused: z.number(), more: truth }),
  }),
} as const
