/**
 * Turns an English text into 512 numbers, so that texts of like meaning lie near each other. Loaded by the runner. Shows a model that
 * answers several jobs in one call: 16 texts together take little more time than one.
 */
import { defineModel } from '@millrace/model'
import { z } from 'zod'
import { openEmbedder } from './embedder.ts'

export default defineModel({
  name: 'embed',
  version: '1.0.0',
  description: 'Turns an English text into a vector of 512 numbers, for search and comparison by meaning.',
  input: z.object({
    text: z.string().trim().min(1).max(2000).describe('English, best a sentence or a short paragraph.'),
  }),
  output: z.object({
    embedding: z.array(z.number()).length(512).describe('Of length 1, so a product of two is their likeness.'),
  }),
  examples: [
    { name: 'A question', input: { text: 'How do I reset my password?' } },
    { name: 'One that means the same', input: { text: 'I forgot my login and need a new one.' } },
  ],
  task: 'embedding',
  batch: { maxSize: 32 },
  setup: () => openEmbedder(),
  predict: async (inputs, embedder) => {
    const vectors = await embedder.embed(inputs.map(({ text }) => text))
    return vectors.map((embedding) => ({ embedding }))
  },
})
