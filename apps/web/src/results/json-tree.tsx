/** JSON as a tree. A branch is made when it is opened, so that a large value costs nothing before somebody looks. Numbers keep their digits. */
import { useState } from 'preact/hooks'
import { isObject, type Json, JsonNumber, writeJson } from '../json/json.ts'
import { Button } from '../parts/button.tsx'
import { words } from '../words/words.ts'

/** Entries of a branch that are shown at first. */
const ENTRIES = 100
/** A longer text is cut; the raw text of the job has all of it. Characters. */
const TEXT_CHARS = 2000

export function JsonTree({ value }: { value: Json }) {
  return (
    <div class="json-tree mono" translate={false}>
      <Node value={value} isOpen />
    </div>
  )
}

function Node({ name, value, isOpen = false }: { name?: string; value: Json; isOpen?: boolean }) {
  const [open, setOpen] = useState(isOpen)
  const [most, setMost] = useState(ENTRIES)
  const label = name === undefined ? null : <span class="json-key">{name}: </span>
  const entries = entriesOf(value)
  if (!entries) {
    return (
      <div class="json-leaf">
        {label}
        <Leaf value={value} />
      </div>
    )
  }
  const [left, right] = Array.isArray(value) ? '[]' : '{}'
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {label}
        {left}
        <span class="muted">{open ? '' : ` ${entries.length} `}</span>
        {open ? '' : right}
      </summary>
      {open && (
        <div class="json-inner">
          {entries.slice(0, most).map(([key, item]) => (
            <Node key={key} name={key} value={item} />
          ))}
          {entries.length > most && (
            <Button size="small" onClick={() => setMost(most * 10)}>
              {words.results.moreEntries(entries.length - most)}
            </Button>
          )}
        </div>
      )}
    </details>
  )
}

function Leaf({ value }: { value: Json }) {
  if (value instanceof JsonNumber) return <span class="json-number">{value.text}</span>
  if (typeof value !== 'string') return <span class="json-word">{writeJson(value)}</span>
  const shown = value.length > TEXT_CHARS ? `${value.slice(0, TEXT_CHARS)}…` : value
  return <span class="json-text">{JSON.stringify(shown)}</span>
}

/** Undefined for what has no branches. */
function entriesOf(value: Json): [string, Json][] | undefined {
  if (Array.isArray(value)) return value.map((item, at) => [String(at), item])
  return isObject(value) ? [...value] : undefined
}
