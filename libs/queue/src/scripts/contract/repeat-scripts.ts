/** The scripts of repeats: libs/queue/src/scripts/repeats. Called by RedisRepeats. */
import { z } from 'zod'
import { repeatsPrefix } from '../../redis/keys.ts'
import { declareScript } from './declare-script.ts'
import { flag, rows, text } from './wire/argument-kinds.ts'
import { outcomes } from './wire/reply-kinds.ts'

const shard = ({ tenant }: { tenant: string }): string => repeatsPrefix(tenant)

/** `what`: the same for equal creates. */
const create = { tenant: text(), what: text(), id: text(), owner: text() }

export const REPEAT_SCRIPTS = {
  'repeats/arrive': declareScript({
    shard,
    args: { ...create, judged: rows({ owner: text(), lives: flag() }) },
    reply: outcomes({ new: {}, repeat: { id: z.string() }, unsure: { owner: z.string(), fate: z.string() } }),
    reserve: false,
  }),
  'repeats/tell': declareScript({
    shard,
    args: { ...create, fate: text<'answered' | 'died' | 'refused'>() },
    reply: z.null(),
  }),
} as const
