import { readdirSync, readFileSync } from 'node:fs'
import { hostMessageSchema, runnerMessageSchema } from '@millrace/contracts'
import { describe, expect, it } from 'vitest'

const folder = new URL('./golden/', import.meta.url)
const golden = readdirSync(folder).map((name) => ({
  name,
  side: name.split('.')[0],
  message: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { type: string },
}))
const sides = { host: hostMessageSchema, runner: runnerMessageSchema }

describe('the golden messages of the runner protocol', () => {
  it.each(golden)('hold every field as the schema has it: $name', ({ side, message }) => {
    const schema = side === 'host' ? hostMessageSchema : runnerMessageSchema
    expect(schema.parse(message)).toEqual(message)
  })

  it.each(Object.entries(sides))('have a file for each message that the %s may send', (side, schema) => {
    const types = schema.options.map((option) => option.shape.type.value)
    expect(types.length).toBeGreaterThan(2)
    const covered = golden.filter((file) => file.side === side).map((file) => file.message.type)
    expect(new Set(covered)).toEqual(new Set(types))
  })

  it('are refused when a field that every message of its kind needs is taken out', () => {
    for (const { side, message } of golden.filter((file) => 'id' in file.message && file.message.type !== 'log')) {
      const schema = side === 'host' ? hostMessageSchema : runnerMessageSchema
      expect(schema.safeParse({ ...message, id: undefined }).success).toBe(false)
    }
  })
})
