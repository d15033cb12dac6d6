/** Keeps what a run emits, for its answer in case it fails or is stopped. Called by answer-run.ts. */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import type { RunnerMessage } from '@millrace/contracts'
import { CHUNKS_FILE, JSON_OUTPUT_BYTES, SPILL_BYTES } from '../protocol/json-output.ts'

/** What a run has emitted, as JSON texts: for its answer, and on the disk for the worker in case this process dies. */
export class KeptChunks {
  readonly #workDir: string
  #texts: string[] = []
  #chars = 0
  #file: number | undefined

  constructor(workDir: string) {
    this.#workDir = workDir
  }

  add(text: string): void {
    this.#chars += text.length + 1
    if (this.#chars <= JSON_OUTPUT_BYTES) this.#texts.push(text)
    else this.#texts = []
    try {
      this.#file ??= openSync(resolve(this.#workDir, CHUNKS_FILE), 'a')
      writeSync(this.#file, `{"chunk":${text}}\n`)
    } catch {
      // The chunk is then not kept.
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** The chunks as a JSON list. Undefined when there are none, or too many. */
  get list(): string | undefined {
    if (this.#texts.length === 0) return undefined
    const text = `[${this.#texts.join(',')}]`
    return Buffer.byteLength(text) <= JSON_OUTPUT_BYTES ? text : undefined
  }
}

/**
 * The answer together with what the run had emitted, as one frame. It is made at once, because the process may be about
 * to end.
 */
export function withPartial(answer: RunnerMessage, chunks: KeptChunks, workDir: string): string {
  const frame = JSON.stringify(answer)
  const { list } = chunks
  if (list === undefined) return frame
  if (Buffer.byteLength(list) <= SPILL_BYTES) return `${frame.slice(0, -1)},"output":${list}}`
  const outputPath = '.partial.json'
  try {
    writeFileSync(resolve(workDir, outputPath), list, { flag: 'wx' })
    return JSON.stringify({ ...answer, output_path: outputPath })
  } catch {
    return frame
  }
}
