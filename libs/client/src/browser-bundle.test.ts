import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'
import { answer, startFaultServer } from './fault-server.fixture.ts'

const ENTRY = fileURLToPath(new URL('./index.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-bundle-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('is bundled for browsers without any part of Node or of a package but the parser of event streams, in few bytes, and works', async () => {
  const options = {
    bundle: true,
    platform: 'browser',
    format: 'esm',
    minify: true,
    write: false,
    metafile: true,
  } as const
  const { outputFiles, metafile } = await build({ ...options, entryPoints: [ENTRY] })
  const files = Object.keys(metafile.inputs)
  expect(files.length).toBeGreaterThan(8)
  // The parser of event streams is the one thing that others have written.
  const own = /libs\/client\/src\/|node_modules\/eventsource-parser\//
  expect(files.filter((path) => !own.test(path))).toEqual([])
  expect(files.filter((path) => path.includes('upload-body'))).toEqual([expect.stringContaining('upload-body-web.ts')])
  const code = outputFiles[0]?.text ?? ''
  expect(code.length).toBeLessThan(29_500)

  const path = join(folder, 'client.mjs')
  writeFileSync(path, code)
  const { createClient, fileAt } = (await import(pathToFileURL(path).href)) as typeof import('./index.ts')
  const server = await startFaultServer()
  server.play(answer(202, { id: 'job_1' }))
  const client = createClient({ url: server.url, retries: 0 })
  const stream = new Blob(['streamed']).stream() as ReadableStream<Uint8Array>
  expect(await client.submit('ocr', { image: new File(['abc'], 'a.png', { type: 'image/png' }), stream })).toEqual({
    id: 'job_1',
  })
  const { body, headers } = server.seen[0] ?? expect.fail('nothing was sent')
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': headers['content-type'] ?? '' },
  }).formData()
  expect([
    form.get('input'),
    await (form.get('/image') as File).text(),
    await (form.get('/stream') as File).text(),
  ]).toEqual(['{"image":null,"stream":null}', 'abc', 'streamed'])
  await expect(client.submit('ocr', { image: fileAt('/a.png') })).rejects.toThrow(TypeError)
  await server.close()
})
