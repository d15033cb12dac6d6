import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CommandError, LeftError, UsageError } from './command-error.ts'
import { EXIT } from './exit-codes.ts'
import { FAULTS, type FaultCode } from './faults.ts'

const ROOM = join(import.meta.dirname, '../..')
const source = ['src', 'bin']
  .flatMap((folder) =>
    readdirSync(join(ROOM, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  )
  .filter((path) => /\.(ts|mjs)$/.test(path) && !/\.test\.ts$|[/\\]faults\.ts$/.test(path))
  .map((path) => readFileSync(join(ROOM, path), 'utf8'))
  .join('\n')

it.each(Object.keys(FAULTS) as FaultCode[])('%s is a fault that some code ends with', (code) => {
  expect(source.includes(`'${code}'`) || source.includes(`FAULTS.${code}`)).toBe(true)
})

it('an error ends the program with the exit code of its row', () => {
  expect(new CommandError('port', 'taken').exitCode).toBe(EXIT.failed)
  expect(new UsageError('wrong').exitCode).toBe(EXIT.misused)
  expect(new LeftError('stopped').exitCode).toBe(EXIT.left)
})
