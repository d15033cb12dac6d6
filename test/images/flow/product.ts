/** What a client does, against the stack. Called by main.ts. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FileView } from '@millrace/contracts'
import { ROOT } from '../../stack/dockerfile-and-compose.ts'
import { check, seconds } from '../report.ts'
import type { ComposeStack } from '../stack/compose-stack.ts'

const MB = 1024 * 1024
const WAIT_SECONDS = 120

/** A file that a job made: its id, and the hash of its bytes as they were downloaded. */
export interface KnownFile {
  job: string
  id: string
  sha256: string
}

/** A message, a large file by a signed address of the S3 server, an upload, a scan. */
export async function useProduct(stack: ComposeStack): Promise<{ figure: string; file: KnownFile }> {
  const { client } = stack
  await loadPage(stack)
  const said = await client.run('echo', { message: 'hello' }, { waitSeconds: WAIT_SECONDS })
  check((said.output as { message: string }).message === 'hello', 'echo says something else')

  const large = await client.run('echo', { message: 'file', size_bytes: 20 * MB }, { waitSeconds: WAIT_SECONDS })
  const { file } = large.output as { file: FileView }
  const begun = performance.now()
  const bytes = await download(stack, file.id)
  const took = seconds(begun)
  check(bytes.length === 20 * MB, `the file has ${bytes.length} bytes`)
  const sha256 = sha256Of(bytes)

  const scan = readFileSync(join(ROOT, 'models/ocr/samples/scan.png'))
  const uploaded = await client.files.upload(new File([scan], 'scan.png', { type: 'image/png' }))
  const read = await client.run('ocr', { image: uploaded }, { waitSeconds: WAIT_SECONDS })
  check((read.output as { text: string }).text.includes('INVOICE'), 'the scan was read wrongly')
  const figure = `the page, echo, a file of 20 MB (downloaded in ${took} from the address that the API signed), an upload, a scan read`
  return { figure, file: { job: large.id, id: file.id, sha256 } }
}

/** The page of the API, with the script and the style sheet that it names: the image must have them, for it may not write. */
async function loadPage({ url }: ComposeStack): Promise<void> {
  const page = await (await fetch(`${url}/`, { headers: { accept: 'text/html' } })).text()
  const assets = [...page.matchAll(/(?:src|href)="(?:\.\/)?(ui\/[^"]+)"/g)].map(([, path = '']) => path)
  check(assets.length >= 2, `the page names ${assets.join(', ') || 'nothing'}: ${page.slice(0, 200)}`)
  for (const path of assets) {
    const answer = await fetch(`${url}/${path}`)
    check(answer.ok && (await answer.arrayBuffer()).byteLength > 1000, `${path} is answered ${answer.status}`)
  }
}

/** Follows the redirect to the S3 server by itself, and sees that it goes there. */
export async function download(stack: ComposeStack, id: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${stack.apiKey}` }
  const answer = await fetch(`${stack.url}/v1/files/${id}/content`, { headers, redirect: 'manual' })
  check(answer.status === 302 || answer.status === 307, `the download is answered ${answer.status}`)
  const location = answer.headers.get('location') ?? ''
  check(new URL(location).port !== new URL(stack.url).port, 'the download is not redirected to the S3 server')
  const stored = await fetch(location)
  check(stored.ok, `the S3 server answers ${stored.status}`)
  return Buffer.from(await stored.arrayBuffer())
}

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
