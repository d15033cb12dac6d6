/** Takes what follows the head of an audio file for what was said in it. For the clients of OpenAI. */
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

const HEAD_BYTES = 12

export default defineModel({
  name: 'scribe',
  version: '1.0.0',
  task: 'transcription',
  input: z.object({
    audio: file('audio/*'),
    language: z.string().default('en'),
    temperature: z.number().default(0),
    pause_ms: z.number().min(0).max(600_000).default(0).describe('How long to take.'),
  }),
  output: z.object({
    text: z.string(),
    language: z.string(),
    duration: z.number(),
    segments: z.array(z.object({ start: z.number(), end: z.number(), text: z.string(), temperature: z.number() })),
  }),
  predict: async ({ audio, language, temperature, pause_ms }) => {
    if (pause_ms > 0) await wait(pause_ms)
    const text = Buffer.from(await audio.bytes())
      .subarray(HEAD_BYTES)
      .toString()
    return { text, language, duration: 1.5, segments: [{ start: 0, end: 1.5, text, temperature }] }
  },
})
