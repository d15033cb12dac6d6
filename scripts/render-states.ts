// Draws the life of a job from the table of its legal moves. Called by render-files.ts, for ARCHITECTURE.md.
import { isTerminal, JOB_STATUSES, MOVES } from '@millrace/contracts'

/** A Mermaid diagram of every move, and the table of who makes it and when. */
export function renderStates(): string {
  const moves = Object.entries(MOVES)
  const arrows = moves.map(([name, { from, to, by }]) => `  ${from ?? '[*]'} --> ${to}: ${name} (${by})`)
  const ends = JOB_STATUSES.filter(isTerminal).map((status) => `  ${status} --> [*]`)
  const rows = moves.map(([name, { from, to, by, when }]) => `| ${name} | ${from ?? '–'} | ${to} | ${by} | ${when} |`)
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...arrows,
    ...ends,
    '```',
    '',
    '| move | from | to | who | when |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}
