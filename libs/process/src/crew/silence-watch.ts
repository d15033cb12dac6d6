/** Kills members of a crew that serve but answer nothing for long, so that they are started again. Run by the parent. */
import { createLoop, type Loop } from '@millrace/async'

export interface Watched {
  readonly number: number
  /** Another one when it was started again. */
  readonly pid: number | undefined
  readonly isListening: boolean
}

export interface SilenceWatchOptions<Member extends Watched> {
  members: readonly Member[]
  /** Rejects when no answer came in time. */
  ask(member: Member): Promise<unknown>
  onSilent(member: Member): void
  /** From one look to the next. Milliseconds. */
  everyMs: number
  /** So many looks without an answer are too many. Counted, for while this process is frozen too nobody could answer. */
  looks: number
}

export function createSilenceWatch<Member extends Watched>(options: SilenceWatchOptions<Member>): Loop {
  const { members, ask, onSilent, everyMs, looks } = options
  const silent = new Map<number, number>()
  const look = async (member: Member): Promise<void> => {
    const { pid } = member
    const answers = await ask(member).then(
      () => true,
      () => false,
    )
    if (pid === undefined || member.pid !== pid) return
    const missed = answers || !member.isListening ? 0 : (silent.get(pid) ?? 0) + 1
    if (missed === 0) silent.delete(pid)
    else silent.set(pid, missed)
    if (missed >= looks) onSilent(member)
  }
  return createLoop({
    everyMs,
    async round() {
      const pids = new Set(members.map(({ pid }) => pid))
      for (const pid of silent.keys()) if (!pids.has(pid)) silent.delete(pid)
      await Promise.all(members.map(look))
    },
    // A round asks and counts; neither rejects.
    onFault: () => undefined,
  })
}
