/**
 * Questions and answers over a channel that only carries messages. A parent has one for each member, and each member has
 * one. Used by crew-child.ts and crew-member.ts.
 */
import { within } from '@millrace/async'
import type { Ask, Message, Question, Questions, Word } from './crew-messages.ts'

export interface ChannelEnd {
  /** Called with each message that goes out. */
  send(message: Message): void
  /** Called with each question of the other end. Resolves with the answer. */
  answer(ask: Ask): Promise<unknown>
  hear(word: Word): void
}

interface Asked {
  resolve(answer: unknown): void
  reject(error: Error): void
}

/** The channel is closed, so no answer can come any more. */
export class ChannelClosedError extends Error {
  constructor() {
    super('the other process is gone')
    this.name = 'ChannelClosedError'
  }
}

export class AskChannel {
  readonly #end: ChannelEnd
  readonly #asked = new Map<number, Asked>()
  #lastId = 0
  #isClosed = false

  constructor(end: ChannelEnd) {
    this.#end = end
  }

  /** Rejects when the other end could not answer, is gone, or took longer than `withinMs`. */
  async ask<What extends Question>(
    what: What,
    asked: Questions[What]['ask'],
    withinMs?: number,
  ): Promise<Questions[What]['answer']> {
    if (this.#isClosed) throw new ChannelClosedError()
    const id = ++this.#lastId
    const answer = new Promise<unknown>((resolve, reject) => this.#asked.set(id, { resolve, reject }))
    try {
      this.#end.send({ id, ask: { what, ...asked } as Ask })
      const late = () => new Error(`no answer within ${withinMs} ms`)
      return (await (withinMs === undefined ? answer : within(answer, withinMs, late))) as Questions[What]['answer']
    } finally {
      this.#asked.delete(id)
    }
  }

  tell(word: Word): void {
    if (!this.#isClosed) this.#end.send(word)
  }

  /** Called with each message that comes in. Messages of others are ignored. */
  receive(message: unknown): void {
    if (typeof message !== 'object' || message === null) return
    const said = message as Message
    if ('tell' in said) this.#end.hear(said)
    else if ('ask' in said) void this.#answer(said.id, said.ask)
    else if ('answer' in said) this.#asked.get(said.id)?.resolve(said.answer)
    else if ('fault' in said) this.#asked.get(said.id)?.reject(new Error(said.fault))
  }

  /** Nothing can come any more. Everyone who waits for an answer gets an error. */
  close(): void {
    this.#isClosed = true
    for (const { reject } of this.#asked.values()) reject(new ChannelClosedError())
  }

  async #answer(id: number, ask: Ask): Promise<void> {
    const message = await this.#end.answer(ask).then(
      (answer): Message => ({ id, answer }),
      (error: Error): Message => ({ id, fault: error.message }),
    )
    if (!this.#isClosed) this.#end.send(message)
  }
}
