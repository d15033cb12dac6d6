/**
 * A table that scrolls sideways inside itself where it is wider than the screen, by keyboard too. On a narrow screen each cell stands
 * below the one before, with the name of its column. Used by screens.
 */
import type { ComponentChildren } from 'preact'
import { words } from '../words/words.ts'
import './table.css'

interface TableProps {
  /** What it lists, for those who listen. */
  label: string
  /** Cells of the head row, at most eight: a text, or one with how its column stands. */
  head: readonly (string | { title: string; align: 'end' })[]
  /** Rows: each a `<tr>`. */
  children: ComponentChildren
}

export function Table({ label, head, children }: TableProps) {
  const cells = head.map((cell) => (typeof cell === 'string' ? { title: cell, align: undefined } : cell))
  // For table.css, which cannot see the head of a column.
  const names = Object.fromEntries(cells.map(({ title }, at) => [`--column-${at + 1}`, JSON.stringify(title)]))
  return (
    <div class="table-frame" role="region" aria-label={`${label}: ${words.shell.scrollable}`} tabIndex={0}>
      <table style={names}>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {cells.map(({ title, align }) => (
              <th key={title} scope="col" class={align}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
