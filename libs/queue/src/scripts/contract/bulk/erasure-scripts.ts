/** The scripts that erase what a tenant has: libs/queue/src/scripts/erasures. Called by RedisErasures. */
import { z } from 'zod'
import { ERASURES_PREFIX } from '../../../redis/keys.ts'
import { declareScript } from '../declare-script.ts'
import { flag, json, list, number, optional, text } from '../wire/argument-kinds.ts'
import { outcomes, tuple } from '../wire/reply-kinds.ts'

const ofPrefix = ({ prefix }: { prefix: string }): string => prefix
const ofNotes = (): string => ERASURES_PREFIX

/** How long nothing new of the tenant is kept. Milliseconds. */
const bar = optional(number())
const filter = optional(json<Readonly<Record<string, string>>>())

export const ERASURE_SCRIPTS = {
  'erasures/open': declareScript({
    shard: ofNotes,
    args: {
      ...{ id: text(), tenant: text(), filter, dry: flag() },
      /** Names tenant and filter. */
      what: text(),
      /** The names in the filter. */
      names: json<readonly string[]>(),
      /** The erasure that has counted the same. */
      counted: optional(text()),
    },
    reply: outcomes({ begun: {}, uncounted: {} }),
  }),
  'erasures/close': declareScript({
    shard: ofNotes,
    args: { id: text(), counts: json<Readonly<Record<string, number>>>(), done: flag() },
    reply: z.null(),
  }),
  'erasures/begin': declareScript({
    shard: ofPrefix,
    args: { prefix: text(), id: text(), tenant: text(), filter, dry: flag(), bar, waits: optional(text()) },
    reply: z.null(),
  }),
  'erasures/page': declareScript({
    shard: ofPrefix,
    args: { prefix: text(), id: text(), cancellations: list(text()) },
    reply: tuple({ state: z.enum(['more', 'waiting', 'done']), purged: z.array(z.string()) }),
  }),
  'erasures/forget': declareScript({
    shard: ofPrefix,
    args: { prefix: text(), id: text(), tenant: text(), bar },
    reply: z.null(),
  }),
} as const
