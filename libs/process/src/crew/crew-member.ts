/**
 * A process of a crew, seen from the inside: which member it is, and how it reaches the others. Called by commands that a
 * parent starts.
 */
import cluster from 'node:cluster'
import type { MetricSnapshot } from '../metrics.ts'
import { AskChannel } from './ask-channel.ts'
import type { Ask, Message } from './crew-messages.ts'
import type { Health } from './health.ts'
import type { PlaceAnswer, PlaceBounds, Places } from './places.ts'

/** Tells a member which one it is. It is not a setting, so it is not among them. */
export const MEMBER_VARIABLE = 'CREW_MEMBER'

/** The facts that a member tells about itself when the parent asks. */
export interface MemberFacts {
  metrics(): Promise<MetricSnapshot>
  health(): Promise<Health>
}

type Env = Readonly<Record<string, string | undefined>>

/** This process as a member of a crew. Undefined when the parent of a crew did not start it. */
export function joinCrew(env: Env): CrewMember | undefined {
  const text = env[MEMBER_VARIABLE]
  return cluster.isWorker && text !== undefined ? new CrewMember(text) : undefined
}

/** It ends with its parent, however the parent ends: Node ends a cluster process when its channel closes. */
export class CrewMember implements Places {
  /** The first member has number 1. */
  readonly number: number
  /** The number of processes in the crew. */
  readonly size: number
  /** The port to listen on instead of the one in the settings. Undefined: use the settings. */
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

  /** From now on it can answer questions about its metrics and health. */
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

  /** Says that no process of this crew can do its work, so that all should end. Resolves when the parent has the message. */
  async hopeless(): Promise<void> {
    await post({ tell: 'hopeless' })
  }

  /** The last message of a member that ends in order, so that none of its counts are lost. Resolves when the parent has it. */
  async farewell(): Promise<void> {
    const metrics = await this.#facts?.metrics()
    if (metrics) await post({ tell: 'counts', metrics })
  }

  /** The measurements of all processes as one text. */
  metricsOfAll(): Promise<string> {
    return this.#channel.ask('metricsOfAll', {})
  }

  /** Unhealthy when any of the processes is. */
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

/**
 * Resolves when the message is sent. Also resolves when it could not be sent: then the parent is gone, and this process ends
 * too.
 */
const post = (message: Message): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, {}, () => resolve())
    else resolve()
  })
