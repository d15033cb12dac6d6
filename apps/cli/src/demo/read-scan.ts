/**
 * Sends one scan through the ocr model: submits the job, follows it, fetches the text and the PDF. Called by `millrace
 * demo`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type FileView, fileViewSchema, isTerminal, type Job, safeFileName } from '@millrace/contracts'
import { CommandError } from '../command/command-error.ts'
import type { DemoClient } from './demo-client.ts'

export interface ScanResult {
  text: string
  /** Where the PDF was saved. */
  pdfPath: string
  /** The time from the submit to the result. */
  seconds: number
}

interface ReadScanOptions {
  /** The folder for the PDF. It is made when it is missing. */
  folder: string
  /** Called with each line that the model reports. */
  onLine: (line: string) => void
}

/** How often the job is read. The model needs longer than this for a line of text, so no line is missed. */
const POLL_MS = 50

/** Throws CommandError when the job does not succeed. */
export async function readScan(client: DemoClient, scan: string, options: ReadScanOptions): Promise<ScanResult> {
  const started = performance.now()
  const submitted = await client.submit('ocr', {}, { image: { name: basename(scan), bytes: readFileSync(scan) } })
  const job = await follow(client, submitted, options.onLine)
  const seconds = (performance.now() - started) / 1000
  const { text, pdf } = (await client.output(job)) as { text: string; pdf: unknown }
  return { text, pdfPath: await save(client, fileViewSchema.parse(pdf), options.folder), seconds }
}

async function follow(client: DemoClient, submitted: Job, onLine: (line: string) => void): Promise<Job> {
  let last: string | undefined
  for (let job = submitted; ; job = await client.job(job.id)) {
    const message = job.progress?.message ?? undefined
    if (message !== undefined && message !== last) {
      last = message
      onLine(`${String(Math.round((job.progress?.fraction ?? 0) * 100)).padStart(3)} %  ${message}`)
    }
    if (job.status === 'succeeded') return job
    if (isTerminal(job.status)) {
      throw new CommandError(
        'demo',
        `The job ${job.status}: ${job.error ? `${job.error.message} (${job.error.code})` : 'no reason given'}`,
      )
    }
    await delay(POLL_MS)
  }
}

async function save(client: DemoClient, file: FileView, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, safeFileName(file.name, 'scan.pdf'))
  writeFileSync(path, await client.bytes(file.url))
  return path
}
