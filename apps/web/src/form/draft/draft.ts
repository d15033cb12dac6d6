/**
 * What has been given for a control so far, as it was typed or chosen. Undefined: nothing, so the server takes its default.
 * A draft never changes; each edit makes a new one from it.
 */
import type { FileShown } from '../../json/file-in.ts'

/** A file that is on its way to the server, or there already. */
export interface GivenFile {
  /** What stands for it in the input: an id or an address. Undefined while it is sent, and when that failed. */
  readonly ref: string | undefined
  /** Undefined for an address. */
  readonly name: string | undefined
  /** It was taken from this machine just now, so the code beside the form names it as a file of a machine. */
  readonly isLocal: boolean
  /** As the server shows it, for one that it had before. */
  readonly kept?: FileShown
}

/** A file that is named by its address or its id; or one that is the text itself, which the code names as a file of a machine. */
export function givenAddress(text: string): GivenFile {
  const [, kind, what = ''] = /^data:(\w+)\/(\w+)/.exec(text) ?? []
  return kind === undefined
    ? { ref: text, name: undefined, isLocal: false }
    : { ref: text, name: `${kind}.${what}`, isLocal: true }
}

/** The fallback: any control may hold JSON that it cannot show. */
export interface JsonDraft {
  kind: 'json'
  text: string
}

export interface ListDraft {
  kind: 'list'
  /** The key tells an item from the others while the list changes. */
  items: { key: number; draft: Draft | undefined }[]
}

export interface ObjectDraft {
  kind: 'object'
  /** Also what the schema does not name, as JSON. */
  fields: ReadonlyMap<string, Draft>
}

export type Draft =
  | { kind: 'text'; text: string }
  | { kind: 'flag'; on: boolean }
  /** The place of the value among those of the control. */
  | { kind: 'choice'; at: number }
  | { kind: 'file'; file: GivenFile }
  | ListDraft
  | ObjectDraft
  | { kind: 'either'; branch: number; draft: Draft | undefined }
  | { kind: 'null' }
  | JsonDraft

/** Makes the next draft of the one that is there when it is called. */
export type Edit = (before: Draft | undefined) => Draft | undefined
export type OnEdit = (edit: Edit) => void

export const fieldsIn = (draft: Draft | undefined): ReadonlyMap<string, Draft> =>
  draft?.kind === 'object' ? draft.fields : new Map<string, Draft>()

export const itemsIn = (draft: Draft | undefined): ListDraft['items'] => (draft?.kind === 'list' ? draft.items : [])

/** An object of which nothing is given any more is not given. */
export function editField(name: string, edit: Edit): Edit {
  return (before) => {
    const fields = new Map(fieldsIn(before))
    const next = edit(fields.get(name))
    if (next === undefined) fields.delete(name)
    else fields.set(name, next)
    return fields.size === 0 ? undefined : { kind: 'object', fields }
  }
}

export function editItem(key: number, edit: Edit): Edit {
  return (before) => ({
    kind: 'list',
    items: itemsIn(before).map((item) => (item.key === key ? { key, draft: edit(item.draft) } : item)),
  })
}

export const addItems =
  (drafts: readonly (Draft | undefined)[]): Edit =>
  (before) => {
    const items = itemsIn(before)
    const next = Math.max(-1, ...items.map(({ key }) => key)) + 1
    return { kind: 'list', items: [...items, ...drafts.map((draft, at) => ({ key: next + at, draft }))] }
  }

export const removeItem =
  (key: number): Edit =>
  (before) => {
    const items = itemsIn(before).filter((item) => item.key !== key)
    return items.length === 0 ? undefined : { kind: 'list', items }
  }

/** The item goes one place up or down, where there is one. */
export const moveItem =
  (key: number, by: -1 | 1): Edit =>
  (before) => {
    const items = [...itemsIn(before)]
    const from = items.findIndex((item) => item.key === key)
    const [item] = items.splice(from, 1)
    if (item) items.splice(Math.max(0, from + by), 0, item)
    return { kind: 'list', items }
  }
