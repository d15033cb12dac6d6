/**
 * Moves jobs that wait in a line to another version, because an operator says so. Each input is read and checked by the schema of that
 * version first; what does not fit stays. A page may be done by two workers at once, or be left in the middle: its end is one
 * step of Redis. Called by the reconciler.
 */
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { forEachLimited } from '@millrace/async'
import { inputPrefix, type JobId, type JobRecord, type JsonValue, LIMITS, type Manifest } from '@millrace/contracts'
import { type CheckedStoredInput, storedInputCheck } from '@millrace/host'
import {
  type FittingJob,
  lineOfContract,
  lineOfVersion,
  type MisfittingJob,
  type RelocationPage,
  type RelocationUpkeep,
  type UpkeepReader,
} from '@millrace/queue'
import { type ObjectReader, type ObjectWriter, StorageError } from '@millrace/storage'

export interface RelocatorDeps {
  relocations: RelocationUpkeep
  jobs: UpkeepReader
  objects: ObjectWriter & Pick<ObjectReader, 'get'>
}

/** Larger inputs are not read into the memory of a worker. Bytes. */
const MOST_BYTES = 16 * 1024 * 1024
/** Inputs of one page that are in memory at once. */
const AT_ONCE = 4

interface Target {
  id: string
  manifest: Manifest
  isPinned: boolean
  check: ReturnType<typeof storedInputCheck>
}

export class Relocator {
  readonly #deps: RelocatorDeps
  /** By model: the one that is under way. */
  readonly #targets = new Map<string, Target>()

  constructor(deps: RelocatorDeps) {
    this.#deps = deps
  }

  /** Does a page. Answers whether there is more to do for this process. */
  async page(model: string): Promise<boolean> {
    const { relocations } = this.#deps
    const page = await relocations.page(model)
    const target = page && (await this.#targetOf(model, page.id))
    if (!page || !target) return this.#forget(model)
    const { fits, misfits } = await this.#look(page, target)
    if (await relocations.done(model, page, fits, misfits)) return true
    return this.#forget(model)
  }

  #forget(model: string): false {
    this.#targets.delete(model)
    return false
  }

  async #targetOf(model: string, id: string): Promise<Target | undefined> {
    const known = this.#targets.get(model)
    if (known?.id === id) return known
    const found = await this.#deps.relocations.target(model, id)
    if (!found) return undefined
    const target = { id, ...found, check: storedInputCheck(found.manifest) }
    this.#targets.set(model, target)
    return target
  }

  async #look({ jobs }: RelocationPage, target: Target): Promise<{ fits: FittingJob[]; misfits: MisfittingJob[] }> {
    const fits: FittingJob[] = []
    const misfits: MisfittingJob[] = []
    await forEachLimited(jobs, AT_ONCE, async (id) => {
      const found = await this.#deps.jobs.get(id)
      // One that is gone waits no more.
      if (found.outcome !== 'found') return
      const job = found.record
      const { revision } = job
      const checked = await this.#check(job, target)
      if (!checked.fits) {
        misfits.push({ id, revision, path: checked.path, message: checked.message })
        return
      }
      fits.push({ id, revision, line: lineFor(job, target), ...checked.changes })
    })
    return { fits, misfits }
  }

  async #check(job: JobRecord, { check }: Target): Promise<Checked> {
    const before = await this.#read(job.input)
    if (typeof before !== 'string') return { fits: false, path: '/input', message: before.fault }
    const { kind, tenant, input_files: files } = job
    const checked = await check({ kind, tenant, input: JSON.parse(before), files })
    return checked.fits ? { fits: true, changes: await this.#changes(job, before, checked) } : checked
  }

  /** The JSON of the input, or why it can't be had. */
  async #read(input: JsonValue): Promise<string | { fault: string }> {
    if ('inline' in input) return input.inline
    if (input.stored.size > MOST_BYTES)
      return { fault: `is too large to be checked here: more than ${MOST_BYTES} bytes` }
    try {
      return await text(await this.#deps.objects.get(input.stored.key))
    } catch (error) {
      if (error instanceof StorageError && error.fault === 'missing') return { fault: 'is not in the object store' }
      throw error
    }
  }

  /** What that version makes of it, where it is something else. The object that it was in goes with the purge of the job. */
  async #changes(job: JobRecord, before: string, checked: Fitting): Promise<Pick<FittingJob, 'input' | 'files'>> {
    const after = JSON.stringify(checked.input)
    const files = JSON.stringify(checked.files) === JSON.stringify(job.input_files) ? undefined : checked.files
    const known = 'inline' in job.input ? (job.input.secrets ?? []) : []
    const secrets = [...new Set([...known, ...checked.secrets])]
    const isSame = after === JSON.stringify(JSON.parse(before)) && secrets.length === known.length
    if (isSame || (after === before && 'stored' in job.input)) return { files }
    if (Buffer.byteLength(after) <= LIMITS.inlineBytes) {
      return { files, input: { inline: after, ...(secrets.length > 0 && { secrets }) } }
    }
    return { files, input: await this.#write(job.tenant, job.id as JobId, Buffer.from(after)) }
  }

  async #write(tenant: string, id: JobId, bytes: Buffer): Promise<JsonValue> {
    const key = `${inputPrefix(tenant, id)}${randomBytes(8).toString('hex')}.json`
    const { size, sha256 } = await this.#deps.objects.put(key, bytes, { contentType: 'application/json' })
    return { stored: { key, size, sha256 } }
  }
}

type Fitting = Extract<CheckedStoredInput, { fits: true }>
type Checked =
  | { fits: true; changes: Pick<FittingJob, 'input' | 'files'> }
  | { fits: false; path: string; message: string }

/** Where a submit to that version would have put it. */
const lineFor = ({ kind }: JobRecord, { manifest, isPinned }: Target): string =>
  isPinned ? lineOfVersion(manifest.version) : lineOfContract(manifest, kind)
