/** The scripts of actions on many jobs: libs/queue/src/scripts/actions. Called by RedisJobActions. */
import type { JobActionKind, JobFilter, JobId, JobStatus } from '@millrace/contracts'
import { z } from 'zod'
import { ACTIONS_PREFIX, prefixOfModel } from '../../../redis/keys.ts'
import { declareScript } from '../declare-script.ts'
import { flag, json, number, optional, rows, text } from '../wire/argument-kinds.ts'
import { numeric, outcomes, truth, tuple } from '../wire/reply-kinds.ts'

const ofNotes = (): string => ACTIONS_PREFIX
const ofModel = ({ model }: { model: string }): string => prefixOfModel(model)

export const ACTION_SCRIPTS = {
  'actions/open': declareScript({
    shard: ofNotes,
    args: {
      ...{ id: text(), tenant: text(), process: text(), action: text<JobActionKind>(), dry: flag() },
      filter: json<JobFilter>(),
      models: json<readonly string[]>(),
      expect: optional(number()),
    },
    reply: outcomes({ begun: {}, limited: {}, barred: {} }),
    reserve: false,
  }),
  'actions/take': declareScript({
    shard: ofNotes,
    args: { id: text(), process: text() },
    reply: z.enum(['counting', 'running', 'stopping', 'taken', 'ended']),
  }),
  'actions/counted': declareScript({
    shard: ofNotes,
    args: { id: text(), matched: number() },
    reply: z.enum(['running', 'stopping', 'ended']),
  }),
  'actions/stop': declareScript({ shard: ofNotes, args: { id: text() }, reply: z.null() }),
  'actions/forget': declareScript({
    shard: ofNotes,
    args: { tenant: text(), labels: optional(json<Readonly<Record<string, string>>>()) },
    reply: z.null(),
  }),
  'actions/close': declareScript({
    shard: ofNotes,
    args: { id: text(), counts: json<Readonly<Record<string, unknown>>>() },
    reply: truth,
  }),
  'actions/begin': declareScript({
    shard: ofModel,
    args: { model: text(), id: text() },
    reply: tuple({ untilMs: numeric, at: z.string(), isEnded: truth }),
  }),
  'actions/halt': declareScript({ shard: ofModel, args: { model: text(), id: text() }, reply: z.null() }),
  'actions/act': declareScript({
    shard: ofModel,
    args: {
      ...{ model: text(), id: text(), tenant: text(), action: text<JobActionKind>() },
      /** Behind which job the turn begins and ends. */
      after: text(),
      next: text(),
      last: flag(),
      /** Records in it that could not be read. */
      unread: number(),
      /** Of a retry: how many jobs the tenant and the model may have open. */
      most: number(),
      model_limit: number(),
      jobs: rows({ id: text<JobId>(), status: text<JobStatus>(), fence: number() }),
    },
    reply: tuple({ isDone: truth, purged: z.array(z.string()) }),
  }),
} as const
