import { manifestSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { modelEntry } from './model-entry.ts'

/** What a worker tells of a model before clients can find it. */

const manifest = manifestSchema.parse({ name: 'ocr', version: '1', input_schema: {}, output_schema: {} })
const entryOf = (service?: { wasShown: boolean }, expectedName = 'scan') =>
  modelEntry({
    ...{ label: 'folder', expectedName, devices: ['cpu'], isLeaving: false, isRefused: false, fault: undefined },
    service: service && { ...service, manifest, places: 1, held: [], isDraining: false },
    slots: service ? [{ slot: 'cpu', state: 'idle', jobs: [] }] : [],
  })

it('has the name that it will have, if that can be a name', () => {
  expect(entryOf()).toMatchObject({ name: 'scan', version: null, state: 'loading' })
  expect(entryOf(undefined, 'No name!')).toMatchObject({ name: null })
})

it('is being loaded until it was published, so that it is always one or the other', () => {
  expect(entryOf({ wasShown: false })).toMatchObject({ name: 'ocr', state: 'loading' })
  expect(entryOf({ wasShown: true })).toMatchObject({ name: 'ocr', state: 'ready' })
})
