/**
 * The calls of one client, each a test, and the row of the README that counts them. A call that is not answered here stands in the list
 * with the reason. Called by the tests of dialects.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { type CallReport, clientPython, runCalls } from './client-python.ts'

const ROWS = new URL('../client-rows/', import.meta.url)
const HOW = 'MILLRACE_WRITE_CLIENT_ROWS=1 npx vitest run test/dialects, then npm run generate'

/** A row of the table in the README: a file for each client, so that tests which run at once write none of the others. */
export interface ClientRow {
  /** As in CalledClient. */
  client: string
  platform: string
  version: string
  /** Calls that do what they should. */
  passes: number
  /** As in CalledClient. */
  missing: Readonly<Record<string, string>>
}

export interface CalledClient {
  platform: string
  /** As it is installed: `npm replicate`. */
  client: string
  version: string
  /** Calls that the client has and that are not answered here, and why: docs/dialects.md tells them. */
  missing?: Readonly<Record<string, string>>
}

/** Gives what makes a test of each call, which asserts what comes of it. */
export function clientCalls(client: CalledClient): (name: string, call: () => Promise<unknown>) => void {
  const calls: string[] = []
  itsRow(client, calls)
  return (name, call) => {
    calls.push(name)
    it(`${client.client}: ${name}`, async () => void (await call()))
  }
}

/** The same for a Python client: `program` makes all calls, see calls.py. Skipped with a reason without the client. */
export function pythonCalls(
  client: CalledClient & { requirements: string; program: URL },
  calls: readonly string[],
  env: () => Record<string, string>,
): void {
  describe(`${client.client} ${client.version}`, () => {
    let asked: Promise<{ reports: CallReport[] } | { lacks: string }> | undefined
    const ask = async () => {
      const python = await clientPython(client.requirements).catch((error: Error) => error)
      if (python instanceof Error) return { lacks: python.message }
      return { reports: await runCalls(python, fileURLToPath(client.program), env()) }
    }
    it.for([...calls])('%s', { timeout: 120_000 }, async (name, { skip }) => {
      asked ??= ask()
      const all = await asked
      if ('lacks' in all) return skip(all.lacks)
      expect(all.reports.find(({ call }) => call === name) ?? 'it was not made').toEqual({ call: name })
    })
    it('has no other call', async ({ skip }) => {
      const all = await asked
      if (!all || 'lacks' in all) return skip(all?.lacks ?? 'none was made')
      expect(all.reports.map(({ call }) => call)).toEqual([...calls])
    })
    itsRow(client, calls)
  })
}

/** Once all of them are known. */
function itsRow({ client, platform, version, missing = {} }: CalledClient, calls: readonly string[]): void {
  afterAll(() => {
    const row: ClientRow = { client, platform, version, passes: calls.length, missing }
    const file = rowFile(client)
    if (process.env.MILLRACE_WRITE_CLIENT_ROWS) return writeFileSync(file, `${JSON.stringify(row, null, 2)}\n`)
    expect(readRow(file), `if it is right: ${HOW}`).toEqual(row)
  })
}

/** Such as `npm-replicate.json`. */
const rowFile = (client: string): URL =>
  new URL(
    `${client
      .toLowerCase()
      .match(/[a-z0-9.]+/g)
      ?.join('-')}.json`,
    ROWS,
  )

const readRow = (file: URL): unknown => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined)
