/** A process of a crew, from the inside: who it is, and how it reaches the others. Called by what a parent starts. */
import cluster from 'node:cluster'
import type { MetricSnapshot } from '../metrics.ts'
import { AskChannel } from './ask-channel.ts'
import type { Ask, Message } from './crew-messages.ts'
import type { Health } from './health.ts'
import type { PlaceAnswer, PlaceBounds, Places } from './places.ts'

/** Tells a member who it is; beside the settings, for it is none. */
export const MEMBER_VARIABLE = 'CREW_MEMBER'

/** What a member says of itself. */
export interface MemberFacts {
  metrics(): Promise<MetricSnapshot>
  health(): Promise<Health>
}

type Env = Readonly<Record<string, string | undefined>>

/** This process as a member; undefined where it was started by anybody else than the parent of a crew. */
export function joinCrew(env: Env): CrewMember | undefined {
  const text = env[MEMBER_VARIABLE]
  return cluster.isWorker && text !== undefined ? new CrewMember(text) : undefined
}

/** Ends with its parent, whatever ends that: Node ends a process of a cluster whose channel closes. */
export class CrewMember implements Places {
  /** From 1. */
  readonly number: number
  /** How many processes the crew has. */
  readonly size: number
  /** What to listen on in place of the setting; undefined: what that says. */
  readonly port: number | undefined
  readonly #channel: AskChannel
  #facts: MemberFacts | undefined
  #isTold = false
  #onStop: () => void = () => undefined

  constructor(text: string) {
    const { number, size, port } = JSON.parse(text) as { number: number; size: number; port?: number }
    this.number = number
    this.size = size
    this.port = port
    this.#channel = new AskChannel({
      send: (message) => void post(message),
      answer: (ask) => this.#answer(ask),
      hear: ({ tell }) => {
        if (tell !== 'stop') return
        this.#isTold = true
        this.#onStop()
      },
    })
    process.on('message', (message) => this.#channel.receive(message))
  }

  /** From now on it can say how it is. */
  introduce(facts: MemberFacts): void {
    this.#facts = facts
  }

  listening(url: string, port: number): void {
    this.#channel.tell({ tell: 'listening', url, port })
  }

  /** Called when the parent wants it to end in order. */
  onStop(stop: () => void): void {
    this.#onStop = stop
    if (this.#isTold) stop()
  }

  /** No process of this crew can do its work: all should end. Resolves when the parent has it. */
  async hopeless(): Promise<void> {
    await post({ tell: 'hopeless' })
  }

  /** The last word of one that ends in order, so that nothing it counted is lost. Resolves when the parent has it. */
  async farewell(): Promise<void> {
    const metrics = await this.#facts?.metrics()
    if (metrics) await post({ tell: 'counts', metrics })
  }

  /** The measurements of all processes as one text. */
  metricsOfAll(): Promise<string> {
    return this.#channel.ask('metricsOfAll', {})
  }

  /** Says no when any of them does. */
  healthOfAll(): Promise<Health> {
    return this.#channel.ask('healthOfAll', {})
  }

  take(holder: string, bounds: PlaceBounds): Promise<PlaceAnswer> {
    return this.#channel.ask('take', { holder, ...bounds })
  }

  leave(holder: string): void {
    this.#channel.tell({ tell: 'left', holder })
  }

  async #answer({ what }: Ask): Promise<unknown> {
    if (what === 'metrics') return (await this.#facts?.metrics()) ?? []
    if (what === 'health') return (await this.#facts?.health()) ?? { ok: false, reasons: ['the server starts'] }
    throw new Error(`a member is not asked for ${what}`)
  }
}

/** Resolves when it has gone out, or could not: then the parent is gone and this process ends too. */
const post = (message: Message): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, {}, () => resolve())
    else resolve()
  })
