/** A table that scrolls sideways inside itself where it is wider than the screen, by keyboard too. Used by screens. */
import type { ComponentChildren } from 'preact'
import { words } from '../words/words.ts'
import './table.css'

interface TableProps {
  /** What it lists, for those who listen. */
  label: string
  /** Cells of the head row: a text, or one with how its column stands. */
  head: readonly (string | { title: string; align: 'end' })[]
  /** Rows: each a `<tr>`. */
  children: ComponentChildren
}

export function Table({ label, head, children }: TableProps) {
  return (
    <div class="table-frame" role="region" aria-label={`${label}: ${words.shell.scrollable}`} tabIndex={0}>
      <table>
        <caption class="unseen">{label}</caption>
        <thead>
          <tr>
            {head.map((cell) => {
              const { title, align } = typeof cell === 'string' ? { title: cell, align: undefined } : cell
              return (
                <th key={title} scope="col" class={align}>
                  {title}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
