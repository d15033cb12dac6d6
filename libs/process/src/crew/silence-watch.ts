/** Kills members of a crew that serve but do not answer for a long time, so that they are started again. Run by the parent. */
import { createLoop, type Loop } from '@millrace/async'

export interface Watched {
  readonly number: number
  /** Changes when the member is started again. */
  readonly pid: number | undefined
  readonly isListening: boolean
}

export interface SilenceWatchOptions<Member extends Watched> {
  members: readonly Member[]
  /** Rejects when no answer came in time. */
  ask(member: Member): Promise<unknown>
  onSilent(member: Member): void
  /** The time from one look to the next. Milliseconds. */
  everyMs: number
  /**
   * So many looks without an answer are too many. Looks are counted, not time: while this process is frozen too, nobody
   * could answer it.
   */
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
    // Never called: a round only asks and counts, and neither rejects.
    onFault: () => undefined,
  })
}
