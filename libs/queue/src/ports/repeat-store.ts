/**
 * Creates of clients that send no key, as all processes of an API know them, so that one is recognised that is sent again because its
 * connection died. Each is known for seconds. Called by Repeats of the API.
 */

/** A create that has come in. */
export interface ArrivedCreate {
  tenant: string
  /** The same for equal creates of one client. */
  what: string
  /** Of this one, or of the one before that it is again. Nobody else can know it. */
  id: string
  /** Who has it in hand: the name of its process, a dot, and which of its creates this is. */
  owner: string
}

/** `unsure`: somebody has an equal one, whose connection may have died without this being told yet. `isAnswered`: it was answered a moment ago. */
export type Arrival =
  | { outcome: 'new' }
  | { outcome: 'repeat'; id: string }
  | { outcome: 'unsure'; owner: string; isAnswered: boolean }

/** What was found out about who has an equal one: its process lives and would have told, or it is lost. */
export interface Judgement {
  owner: string
  lives: boolean
}

export interface RepeatStore {
  arrive(create: ArrivedCreate, judged?: readonly Judgement[]): Promise<Arrival>
  /** `died`: its connection did, without an answer. `refused`: there is nothing to repeat. */
  tell(create: ArrivedCreate, fate: 'answered' | 'died' | 'refused'): Promise<void>
  /** A process lives; said again and again while it has creates in hand, with another number each time. */
  beat(process: string, n: number): Promise<void>
  /** The last number of the process of an owner; undefined when it does not beat. */
  pulseOf(owner: string): Promise<string | undefined>
}
