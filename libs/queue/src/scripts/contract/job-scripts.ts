/**
 * The scripts about the records of jobs, and about finding them: libs/queue/src/scripts/jobs and search. Called by the stores in jobs/
 * and search/.
 */
import type { InputFile, JobEvent, JobId, JobStatus, JsonValue, Manifest } from '@millrace/contracts'
import { z } from 'zod'
import type { ShelvedLog } from '../../ports/shelf-store.ts'
import { prefixOfJob, prefixOfModel } from '../../redis/keys.ts'
import { digits, fields, flag, json, list, number, optional, rows, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { hash, numeric, outcomes, truth, tuple } from './wire/reply-kinds.ts'

const ofJob = ({ id }: { id: JobId }): string => prefixOfJob(id)
const ofModel = ({ model }: { model: string }): string => prefixOfModel(model)

/** A record, as Redis keeps it. */
const record = hash
/** Events of a log: the id of each, and its fields. */
const entries = z.array(z.tuple([z.string(), z.array(z.string())]))

/** `newest`, `oldest`: times of submit in microseconds, or one of the ends of time. */
const searched = { model: text(), tenant: text(), statuses: list(text<JobStatus>()), newest: text(), oldest: text() }

export const JOB_SCRIPTS = {
  'jobs/submit': declareScript({
    perJob: true,
    shard: ofModel,
    args: {
      model: text(),
      tenant_limit: number(),
      model_limit: number(),
      jobs: rows({
        id: text<JobId>(),
        tenant: text(),
        /** The key of the API that it was submitted with. */
        key: optional(text()),
        /** Of its input, with the files that are there. */
        bytes: number(),
        /** Of the input alone, when it lies in the object store; else 0. */
        stored: number(),
        idem: optional(text()),
        hash: optional(text()),
        /** How long the key is known. Milliseconds; default: a day. */
        idem_ms: optional(number()),
        run_at: number(),
        expires_in: number(),
        /** By so much it goes before what was submitted at the same time. Milliseconds. */
        head_start: number(),
        line: text(),
        /** How many jobs its tenant may have open in this model. Default: the limit for all. */
        most: optional(number()),
        fields: fields(),
      }),
    },
    reply: z.array(
      outcomes({
        created: { createdMs: numeric },
        /** Of the job that has the key, or this id. */
        replayed: { id: z.string(), record },
        purged: { id: z.string() },
        mismatch: {},
        limited: { scope: z.enum(['tenant', 'model']), open: z.number(), limit: z.number() },
        /** Its tenant is being erased. */
        barred: {},
        paused: {},
        /** In how many milliseconds its next day begins. */
        spent: { resetsMs: numeric },
        full: {},
      }),
    ),
    reserve: false,
  }),
  'jobs/append': declareScript({
    shard: ofJob,
    /** `first`: the number of the first event in its attempt. */
    args: { id: text<JobId>(), fence: digits(), first: number(), events: list(json<JobEvent>()) },
    /** How many were new. */
    reply: z.number(),
  }),
  'jobs/resolve': declareScript({
    shard: ofJob,
    args: { id: text<JobId>(), fence: digits(), files: json<InputFile[]>() },
    reply: truth,
  }),
  'jobs/cancel': declareScript({
    shard: ofJob,
    args: { id: text<JobId>(), tenant: text() },
    reply: outcomes({ found: { record }, purged: {}, missing: {} }),
  }),
  'log/hand_on': declareScript({
    shard: ofJob,
    /** Ids of events; empty: before all. */
    args: { id: text<JobId>(), tenant: text(), from: text(), to: text() },
    /** `at`: it is there, and was not moved. */
    reply: outcomes({ moved: {}, at: { at: z.string() }, missing: {} }),
  }),
  'jobs/begin_cancellation': declareScript({
    shard: ofModel,
    args: {
      ...{ model: text(), id: text(), tenant: text() },
      /** Those that count, with blanks between. */
      statuses: text(),
      /** Of a version: its line and its name; else both are empty. */
      line: text(),
      version: text(),
      from_us: number(),
      to_us: number(),
    },
    reply: z.null(),
  }),
  'jobs/cancel_page': declareScript({ shard: ofModel, args: { model: text() }, reply: truth }),
  'jobs/begin_relocation': declareScript({
    shard: ofModel,
    args: {
      ...{ model: text(), id: text(), from: text(), to: text() },
      /** The line they wait in. */
      line: text(),
      /** What they are checked by. */
      manifest: json<Manifest>(),
      dry_run: flag(),
    },
    reply: z.null(),
  }),
  'jobs/relocation_page': declareScript({
    shard: ofModel,
    args: { model: text(), process: text() },
    reply: outcomes({
      none: {},
      taken: {},
      page: {
        id: z.string(),
        after: z.string(),
        next: z.string(),
        last: truth,
        jobs: z.array(z.string()),
      },
    }),
  }),
  'jobs/relocate': declareScript({
    shard: ofModel,
    args: {
      ...{ model: text(), process: text(), id: text(), after: text(), next: text(), last: flag() },
      fits: rows({
        id: text<JobId>(),
        /** The one whose input was looked at. */
        revision: number(),
        line: text(),
        /** The input with other defaults, and files with other media types; where they are others. */
        fields: fields(),
      }),
      misfits: rows({ id: text<JobId>(), revision: number(), path: text(), message: text() }),
    },
    /** Whether there is more. */
    reply: truth,
  }),
  'jobs/rerun': declareScript({
    shard: ofJob,
    args: { id: text<JobId>(), tenant: text() },
    reply: outcomes({ queued: { record }, refused: {}, full: {}, purged: {}, missing: {} }),
    reserve: false,
  }),
  'jobs/purged': declareScript({
    shard: ofJob,
    args: { id: text<JobId>() },
    /** Its tenant. */
    reply: z.string().nullable(),
    reserve: false,
  }),
  'jobs/shelf': declareScript({
    shard: ofModel,
    args: { model: text(), count: number() },
    reply: z.array(z.string()),
  }),
  'jobs/shelve': declareScript({
    shard: ofJob,
    args: {
      id: text<JobId>(),
      revision: text(),
      /** Id of the last event of the log. */
      last: optional(text()),
      log: optional(json<ShelvedLog>()),
      input: optional(json<JsonValue>()),
      output: optional(json<JsonValue>()),
    },
    reply: truth,
  }),
  'jobs/look': declareScript({
    shard: ofJob,
    /** `from`: where in the log to begin; `count`: how many events at most. */
    args: { id: text<JobId>(), from: text(), count: digits(), fields: list(text()) },
    reply: tuple({
      values: z.array(z.string().nullable()),
      streamed: entries,
      oldest: entries,
      newest: entries,
    }),
    reserve: false,
  }),
  'search/page': declareScript({
    shard: ofModel,
    args: { ...searched, count: number() },
    /** For each status: ids and times of submit in turn. */
    reply: z.array(z.array(z.string())),
    reserve: false,
  }),
  'search/count': declareScript({
    shard: ofModel,
    args: searched,
    /** For each status. */
    reply: z.array(z.number()),
    reserve: false,
  }),
} as const
