/**
 * Ends the families of runners when this process is killed, and so can end nothing itself. A shell of a megabyte, no child of this
 * process, hears of each runner that begins and ends; when the pipe to it breaks, it kills those that are left. One per process, made
 * with the first runner. Without `/bin/sh` there is none, and only the runners themselves notice.
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/**
 * `$f` holds `GROUP:MARK` of each that lives, between blanks. What is left at the end is killed by its group, then by its mark, which
 * finds what has left the group. The braces run aside, so that the shell that was started is gone at once.
 */
const SCRIPT = `
{
  trap '' HUP INT TERM
  f=' '
  while read -r sign one; do
    case $sign in
      +) f="$f$one " ;;
      -) f="\${f%% $one *} \${f#* $one }" ;;
    esac
  done
  for one in $f; do kill -9 -- "-\${one%%:*}"; done
  for one in $f; do
    for at in /proc/[0-9]*; do
      if grep -q -e "\${one#*:}" "$at/environ"; then kill -9 "\${at#/proc/}"; fi
    done
  done
} <&3 3<&- 2>/dev/null &
`

let pipe: Socket | undefined

/** Has the family of that runner end with this process. Returns the way to say that it has ended. */
export function guardFamily(group: number | undefined, mark: string): () => void {
  if (group === undefined) return () => undefined
  const one = `${group}:${mark}`
  pipe ??= openGuard()
  pipe.write(`+ ${one}\n`)
  return () => void pipe?.write(`- ${one}\n`)
}

function openGuard(): Socket {
  // Not its standard input: Node closes that when the shell that was started is gone.
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    stdio: [...stdio],
    detached: true,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  })
  const opened = shell.stdio[3] as Socket
  // There is no shell, or it was killed: then nobody guards.
  shell.on('error', () => undefined)
  opened.on('error', () => undefined)
  // Nothing here waits for it.
  shell.unref()
  opened.unref()
  return opened
}
