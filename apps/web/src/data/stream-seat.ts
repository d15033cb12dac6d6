/**
 * Which tabs may keep a stream open. A browser has six connections to a server over HTTP/1.1, for all its tabs together: were all of
 * them streams, no tab could ask for anything. So the tabs tell each other since when they want one, and the first few keep theirs;
 * the others look in now and then. Held by follow-job.ts.
 */

/** So many keep a stream open; the rest of the six is for all that asks and goes. */
const SEATS = 4
const CHANNEL = 'millrace-streams'
/** A tab without a seat leaves when nothing came for so long, or after the longest look. Milliseconds. */
const QUIET = 250
const LONGEST_LOOK = 750

interface Wish {
  type: 'ask' | 'here' | 'left'
  id: number
  since: number
}

export class StreamSeat {
  readonly #since = Date.now()
  readonly #id = Math.random()
  readonly #channel = isBounded() ? new BroadcastChannel(CHANNEL) : undefined
  /** Those who came before us. */
  readonly #before = new Set<number>()
  #openedAt = Infinity
  #heardAt = Infinity
  #looking: ReturnType<typeof setInterval> | undefined

  constructor() {
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<Wish>) => {
      if (data.type === 'left') this.#before.delete(data.id)
      else if (data.since < this.#since || (data.since === this.#since && data.id < this.#id)) this.#before.add(data.id)
      if (data.type === 'ask') this.#say('here')
    })
  }

  /** A stream is being opened. `onOver` is called when others need its connection; it goes on behind the last event later. */
  begin(onOver: () => void): void {
    this.end()
    // Anew each time: a tab that was killed has not said that it left.
    this.#before.clear()
    this.#say('ask')
    this.#openedAt = this.#heardAt = Infinity
    this.#looking = setInterval(() => this.#isOver() && onOver(), QUIET)
  }

  opened(): void {
    this.#openedAt = this.#heardAt = Date.now()
  }

  heard(): void {
    this.#heardAt = Date.now()
  }

  /** The stream is closed; the wish for one stays. */
  end(): void {
    clearInterval(this.#looking)
  }

  leave(): void {
    this.end()
    this.#say('left')
    this.#channel?.close()
  }

  #isOver(): boolean {
    const now = Date.now()
    return this.#before.size >= SEATS && (now - this.#heardAt >= QUIET || now - this.#openedAt >= LONGEST_LOOK)
  }

  #say(type: Wish['type']): void {
    this.#channel?.postMessage({ type, id: this.#id, since: this.#since } satisfies Wish)
  }
}

/** Newer protocols carry all streams over one connection. */
function isBounded(): boolean {
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return !/^h[23]/.test(page?.nextHopProtocol ?? '')
}
