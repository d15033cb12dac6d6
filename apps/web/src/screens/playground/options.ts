/** What may be said beside the input of a job. Drawn by the same form as an input. */
import type { Job } from '@millrace/contracts'
import { makeControl } from '../../form/controls/make-control.ts'
import { words } from '../../words/words.ts'

const { option } = words.playground
const PRIORITIES: Job['priority'][] = ['high', 'normal', 'low']

export const OPTIONS = makeControl({
  type: 'object',
  properties: {
    priority: { enum: PRIORITIES, default: 'normal', description: option.priority },
    version: { type: 'string', maxLength: 64, description: option.version },
    timeout: { type: 'number', exclusiveMinimum: 0, description: option.timeout },
    webhook: { type: 'string', format: 'uri', description: option.webhook },
    metadata: { type: 'object', description: option.metadata },
  },
})
