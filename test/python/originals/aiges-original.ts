/** A wrapper in the hands of the package aiges itself. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { fetchPackage } from '../../support/packages/fetch-package.ts'
import { originalPython } from './original-python.ts'

/**
 * What its sdk and its server import. The package itself is fetched without the rest of what it asks for: pages (gradio) and
 * compilers (grpcio-tools), a hundred megabytes that no wrapper imports.
 */
const IMPORTED = ['flask-restx', 'Jinja2', 'jsonref', 'pydantic==2.*', 'grpcio', 'grpcio-health-checking']

export interface AigesOriginal {
  python: string
  packages: string
}

/** Rejects with pip's last line when it cannot be fetched. */
export async function aigesOriginal(version: string): Promise<AigesOriginal> {
  const packages = await fetchPackage('aiges', version)
  return { packages, python: await originalPython(IMPORTED) }
}

export interface AigesNode {
  key: string
  /** 0 text, 1 audio, 2 image, 3 video. */
  type: number
  status: number
  /** Base64. */
  data: string
}
/** Of wrapperOnceExec: what the wrapper answered, and what its host made of it. */
export interface AigesAnswer {
  /** Null when it was no Response. */
  results: AigesNode[] | null
  /** Whether the check of aiges for authors finds it right. */
  passes?: boolean
  code?: number
  words?: string
  /** Of the server: its own code, what it sent on, or what was raised in it. */
  ret?: number
  sent?: AigesNode[]
  raised?: string
}
export interface AigesRequest {
  params: Record<string, string>
  data: Omit<AigesNode, 'status'>[]
}

/** The document of `schema`, the answer of `run`, the results of each callback of `run_stream`, or the answers of `serve`. */
export function askAiges(aiges: AigesOriginal, folder: string, what: 'schema'): Promise<Record<string, unknown>>
export function askAiges(aiges: AigesOriginal, folder: string, what: 'run'): Promise<AigesAnswer>
export function askAiges(aiges: AigesOriginal, folder: string, what: 'run_stream'): Promise<AigesNode[][]>
export function askAiges(
  aiges: AigesOriginal,
  folder: string,
  what: 'serve',
  given: { requests: AigesRequest[]; config?: Record<string, string> },
): Promise<{ init: number; answers: AigesAnswer[] }>
export async function askAiges(aiges: AigesOriginal, folder: string, what: string, given = {}): Promise<unknown> {
  const logs = mkdtempSync(join(tmpdir(), 'millrace-original-'))
  const host = fileURLToPath(new URL('./aiges_host.py', import.meta.url))
  const child = spawn(aiges.python, [host, JSON.stringify({ config: {}, ...given, folder, what, logs })], {
    cwd: folder,
    env: { PATH: process.env.PATH, PYTHONPATH: aiges.packages, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  try {
    const [said, errors] = await Promise.all([text(child.stdio[3] as Readable), text(child.stderr as Readable)])
    if (said === '') throw new Error(`aiges did not get through it: ${errors.slice(-2000)}`)
    return JSON.parse(said)
  } finally {
    rmSync(logs, { recursive: true, force: true })
  }
}

/** A folder with this wrapper.py, for both. */
export function wrapperFolder(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-original-'))
  writeFileSync(join(folder, 'wrapper.py'), source)
  return folder
}
