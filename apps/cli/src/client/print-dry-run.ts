/** Prints what would become of a submit: where its job would wait and when it would start. Called by `millrace submit --dry-run`. */
import type { DryRun } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { EXIT } from '../command/exit-codes.ts'
import { plainText } from '../terminal/plain-text.ts'
import { waitingText } from './waiting-text.ts'

export function printDryRun(tried: DryRun, json: boolean): number {
  console.log(json ? terminalJson(tried, 2) : dryRunText(tried))
  return EXIT.done
}

export function dryRunText({ model, version, job_id, late, queue }: DryRun): string {
  if (job_id !== null || queue === null) return plainText(`There is a job of this key already: ${job_id}.`)
  const taken = plainText(`${model} ${version} would take it`)
  const { position, why } = queue
  const isNext = position === 1 && why === null
  const where = isNext ? `${taken}, and it would start at once.` : `${taken}, and it would wait${waitingText(queue)}`
  return late ? `${where}\nIt would probably expire before it starts.` : where
}
