/** The script that tries what all others do: libs/queue/src/scripts/probe.lua. Called by tryRedis. */
import { z } from 'zod'
import { list, text } from './wire/argument-kinds.ts'
import { declareScript } from './declare-script.ts'
import { tuple } from './wire/reply-kinds.ts'

export const PROBE_SCRIPT = declareScript({
  shard: ({ shard }) => shard,
  args: { shard: text(), channels: list(text()) },
  reply: z.array(tuple({ what: z.string(), words: z.string() })),
  reserve: false,
})
