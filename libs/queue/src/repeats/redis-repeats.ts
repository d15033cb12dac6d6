/** Creates without keys in Redis; see RepeatStore. Those of a tenant lie in a shard of their own. Made by openQueue. */
import type { ArrivedCreate, Arrival, Judgement, RepeatStore } from '../ports/repeat-store.ts'
import { repeatPulseKey } from '../redis/keys.ts'
import type { RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

/** How long a beat is known. Milliseconds: longer than anybody waits for the next. */
const PULSE_MS = 5000

export class RedisRepeats implements RepeatStore {
  readonly #redis: RedisClient
  readonly #run: RunScript

  constructor({ redis, run }: { redis: RedisClient; run: RunScript }) {
    this.#redis = redis
    this.#run = run
  }

  async arrive(create: ArrivedCreate, judged: readonly Judgement[] = []): Promise<Arrival> {
    const arrival = await this.#run('repeats/arrive', { ...create, judged })
    if (arrival.outcome !== 'unsure') return arrival
    return { outcome: 'unsure', owner: arrival.owner, isAnswered: arrival.fate === 'answered' }
  }

  async tell(create: ArrivedCreate, fate: 'answered' | 'died' | 'refused'): Promise<void> {
    await this.#run('repeats/tell', { ...create, fate })
  }

  async beat(process: string, n: number): Promise<void> {
    await orUnavailable(() => this.#redis.set(repeatPulseKey(process), String(n), 'PX', PULSE_MS))
  }

  async pulseOf(owner: string): Promise<string | undefined> {
    const process = owner.split('.', 1)[0] ?? ''
    return (await orUnavailable(() => this.#redis.get(repeatPulseKey(process)))) ?? undefined
  }
}
