import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { needsTestPython, testPython } from '../test-python.ts'

const python = fileURLToPath(new URL('../../../apps/runner/python', import.meta.url))
const FETCH = `
import sys
from cog import Path
try:
    print(len(open(Path.validate(sys.argv[1]).convert(), "rb").read()))
except Exception as error:
    print(type(error).__name__)
`

describe('a file that a Cog model fetches by itself, such as its weights', () => {
  needsTestPython()

  it('is whole, or an error: never what came before the connection broke', async () => {
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-length': '200000' }).write(Buffer.alloc(100_000))
      if (request.url === '/whole') response.end(Buffer.alloc(100_000))
      else setImmediate(() => response.socket?.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const fetched = async (path: string) => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`
      const { stdout } = await promisify(execFile)(testPython, ['-c', FETCH, url], {
        env: { PYTHONPATH: `${python}/shims/cog:${python}` },
      })
      return stdout.trim()
    }
    expect(await fetched('whole')).toBe('200000')
    expect(await fetched('cut')).toBe('IncompleteRead')
  })
})
