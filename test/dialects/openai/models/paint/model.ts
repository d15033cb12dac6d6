/** Gives pictures of one point, or those that it was given. For the clients of OpenAI. */
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

/** Of one point. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export default defineModel({
  name: 'paint',
  version: '1.0.0',
  task: 'image',
  input: z.object({
    prompt: z.string(),
    num_outputs: z.int().min(1).max(4).default(1),
    width: z.int().default(512),
    height: z.int().default(512),
    image: file('image/*').optional(),
  }),
  output: z.object({ sides: z.array(z.int()), images: z.array(file('image/png')) }),
  predict: async ({ num_outputs, width, height, image }, _model, ctx) => {
    const bytes = image ? Buffer.from(await image.bytes()) : Buffer.from(PNG, 'base64')
    const names = Array.from({ length: num_outputs }, (_, i) => `${i}.png`)
    return {
      sides: [width, height],
      images: await Promise.all(names.map((name) => ctx.file(name, 'image/png', bytes))),
    }
  },
})
