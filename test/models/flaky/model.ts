/** Fails until a marker file is there, and leaves a line in a file for each start: a test controls and counts it. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'flaky',
  version: '1.0.0',
  input: z.object({
    counter_file: z.string().describe('Gets one line per start.'),
    failures: z.int().min(0).default(0).describe('Starts that fail, counted by the file.'),
    marker_file: z.string().optional().describe('Fails as long as this file is missing.'),
  }),
  output: z.object({ starts: z.int() }),
  maxAttempts: 3,
  predict: ({ counter_file, failures, marker_file }) => {
    appendFileSync(counter_file, 'start\n')
    const starts = readFileSync(counter_file, 'utf8').split('\n').length - 1
    if (starts <= failures || (marker_file && !existsSync(marker_file))) throw new Error(`start ${starts} fails`)
    return { starts }
  },
})
