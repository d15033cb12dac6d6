/** Moves of jobs to another version, in Redis: each is a hash beside the jobs of its model, with how far it came. Made by openQueue. */
import { isoTime, type Manifest, type Misfit, type Relocation, relocationIdSchema } from '@millrace/contracts'
import { isPinned, lineOfContractNamed, lineOfVersion } from '../models/lines-of.ts'
import type {
  FittingJob,
  MisfittingJob,
  RelocationPage,
  Relocations,
  RelocationUpkeep,
} from '../ports/bulk/relocations.ts'
import { newRelocationId, prefixOfModel } from '../redis/keys.ts'
import type { RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

export class RedisRelocations implements Relocations, RelocationUpkeep {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #process: string

  constructor(redis: RedisClient, run: RunScript, process: string) {
    this.#redis = redis
    this.#run = run
    this.#process = process
  }

  async begin(...[model, { from, to, dry_run }, manifest]: Parameters<Relocations['begin']>): Promise<string> {
    const id = newRelocationId()
    const line = 'version' in from ? lineOfVersion(from.version) : lineOfContractNamed(from.contract)
    await this.#run('jobs/begin_relocation', { model, id, from: JSON.stringify(from), to, line, manifest, dry_run })
    return id
  }

  async get(model: string, id: string): Promise<Relocation | undefined> {
    if (!relocationIdSchema.safeParse(id).success) return undefined
    const kept = await orUnavailable(() => this.#redis.hgetall(keyOf(model, id)))
    const { from, to = '', created_at, done_at, misfits } = kept
    if (from === undefined) return undefined
    return {
      ...{ object: 'relocation', id, model, status: done_at === undefined ? 'running' : 'done' },
      ...{ from: JSON.parse(from) as Relocation['from'], to, dry_run: kept.dry_run === '1' },
      ...{ moved: Number(kept.moved ?? 0), unfit: Number(kept.unfit ?? 0) },
      misfits: misfits === undefined ? [] : (JSON.parse(misfits) as Misfit[]),
      created_at: isoTime(Number(created_at)),
      finished_at: done_at === undefined ? null : isoTime(Number(done_at)),
    }
  }

  async page(model: string): Promise<RelocationPage | undefined> {
    const { outcome, ...page } = await this.#run('jobs/relocation_page', { model, process: this.#process })
    return outcome === 'page' ? (page as RelocationPage) : undefined
  }

  async target(model: string, id: string): Promise<{ manifest: Manifest; isPinned: boolean } | undefined> {
    const [manifest, line] = await orUnavailable(() => this.#redis.hmget(keyOf(model, id), 'manifest', 'line'))
    if (!manifest || !line) return undefined
    return { manifest: JSON.parse(manifest) as Manifest, isPinned: isPinned(line) }
  }

  done(model: string, page: RelocationPage, fits: FittingJob[], misfits: MisfittingJob[]): Promise<boolean> {
    const { id, after, next, last } = page
    const process = this.#process
    return this.#run('jobs/relocate', {
      ...{ model, process, id, after, next, last, misfits },
      fits: fits.map(({ input, files, ...job }) => ({
        ...job,
        fields: { input: text(input), input_files: text(files) },
      })),
    })
  }
}

const keyOf = (model: string, id: string): string => `${prefixOfModel(model)}relocation:${id}`
const text = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value))
