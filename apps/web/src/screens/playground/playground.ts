/** What somebody has given on the playground so far, and the submit of it. Made by playground-screen.tsx for each model and kind of job. */
import type { Job, JobKind } from '@millrace/contracts'
import { batch, computed, effect, signal } from '@preact/signals'
import { call, CallError } from '../../data/call.ts'
import type { Control } from '../../form/controls/control.ts'
import { makeControl } from '../../form/controls/make-control.ts'
import type { Draft, Edit } from '../../form/draft/draft.ts'
import { fillDraft, withoutMasked } from '../../form/draft/fill-draft.ts'
import { type DraftFault, readForm } from '../../form/draft/read-draft.ts'
import { FileUpload } from '../../form/uploads/file-upload.ts'
import { isObject, type Json, type JsonObject, parseJson, writeJson } from '../../json/json.ts'
import { words } from '../../words/words.ts'
import { OPTIONS } from './options.ts'

export type Note =
  | { kind: 'secrets'; count: number }
  | { kind: 'link' }
  | { kind: 'link_broken' }
  | { kind: 'too_large' }

export class Playground {
  readonly model: string
  readonly kind: JobKind
  readonly control: Control
  readonly draft = signal<Draft | undefined>(undefined)
  readonly options = signal<Draft | undefined>(undefined)
  /** The whole input as text, while it is written as JSON. */
  readonly text = signal<string | undefined>(undefined)
  /** Faults are shown once somebody has tried to send. */
  readonly isTried = signal(false)
  readonly sending = signal<'no' | 'files' | 'job'>('no')
  /** What the server said of the last try, beside the faults of fields. */
  readonly refusal = signal<CallError | undefined>(undefined)
  readonly note = signal<Note | undefined>(undefined)
  readonly #said = signal<ReadonlyMap<string, string>>(new Map())
  #key: string | undefined

  constructor(model: string, kind: JobKind, schema: unknown) {
    this.model = model
    this.kind = kind
    this.control = makeControl(schema)
    if (this.isOpen) this.text.value = '{}'
  }

  /** Nothing can be asked for by name. */
  get isOpen(): boolean {
    const { control } = this
    return control.kind === 'json' || (control.kind === 'object' && control.fields().length === 0)
  }

  readonly read = computed(() => {
    const text = this.text.value
    if (text === undefined) return readForm(this.control, this.draft.value, '/input')
    const input = parseJson(text)
    const faults: DraftFault[] = isObject(input) ? [] : [{ path: '/input', rule: 'json' }]
    return { input: input ?? new Map<string, Json>(), faults, files: new Map() }
  })

  readonly readOptions = computed(() => readForm(OPTIONS, this.options.value))

  /** In words, by the path of the place in the request: what the form finds, and what the server said. */
  readonly faults = computed((): ReadonlyMap<string, string> => {
    const own = this.isTried.value ? [...this.read.value.faults, ...this.readOptions.value.faults] : []
    const found = own.map(({ path, rule, bound }): [string, string] => [path, words.form.rules[rule](bound ?? 0)])
    return new Map([...this.#said.value, ...found])
  })

  readonly edit = (edit: Edit): void => this.#change(() => (this.draft.value = edit(this.draft.peek())))
  readonly editOptions = (edit: Edit): void => this.#change(() => (this.options.value = edit(this.options.peek())))
  readonly editText = (text: string): void => this.#change(() => (this.text.value = text))

  /** What the server said is about what was there before. */
  #change(act: () => void): void {
    batch(() => {
      act()
      this.#key = undefined
      this.#said.value = new Map()
      this.refusal.value = undefined
    })
  }

  clear(): void {
    this.#change(() => {
      this.draft.value = undefined
      this.text.value = this.isOpen ? '{}' : undefined
      this.note.value = undefined
      this.isTried.value = false
    })
  }

  /** Fills the form; secrets that the API has masked stay empty. It never sends. */
  fill(input: Json, note?: Note): void {
    const { value, masked } = withoutMasked(input)
    this.clear()
    batch(() => {
      if (this.isOpen) this.text.value = writeJson(value, 2)
      else this.draft.value = fillDraft(this.control, value)
      this.note.value = masked > 0 ? { kind: 'secrets', count: masked } : note
    })
  }

  /** From the form to JSON or back. False when the JSON cannot be read. */
  writeAs(how: 'form' | 'json'): boolean {
    const text = this.text.peek()
    if (how === 'json') {
      if (text === undefined) this.text.value = writeJson(this.read.peek().input, 2)
      return true
    }
    const input = parseJson(text ?? '')
    if (!isObject(input)) {
      this.isTried.value = true
      return false
    }
    batch(() => {
      this.draft.value = fillDraft(this.control, input)
      this.text.value = undefined
    })
    return true
  }

  /** The body of the request, as text: numbers keep the digits that were typed. */
  get body(): JsonObject {
    const kind: [string, Json][] = this.kind === 'prediction' ? [] : [['kind', this.kind]]
    return new Map<string, Json>([
      ['input', this.read.value.input],
      ...kind,
      ...(this.readOptions.value.input as JsonObject),
    ])
  }

  /** Undefined when it was refused; the faults tell why. */
  async submit(): Promise<Job | undefined> {
    if (this.sending.peek() !== 'no') return undefined
    this.isTried.value = true
    this.#said.value = new Map()
    this.refusal.value = undefined
    try {
      this.sending.value = 'files'
      await this.#filesSent()
      if (this.read.value.faults.length > 0 || this.readOptions.value.faults.length > 0) return undefined
      this.sending.value = 'job'
      // A try that got no answer may have been kept: the same key gives the same job.
      this.#key ??= randomKey()
      const headers = { 'idempotency-key': this.#key }
      const path = `v1/models/${encodeURIComponent(this.model)}/jobs`
      const job = await call<Job>(path, { method: 'POST', text: writeJson(this.body), headers })
      this.#key = undefined
      this.isTried.value = false
      return job
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      if (error.code !== 'unreachable') this.#key = undefined
      this.#refuse(error)
      return undefined
    } finally {
      this.sending.value = 'no'
    }
  }

  #refuse(error: CallError): void {
    const places = new Map(
      error.faults.map(({ path, message }) => [path, `${message.charAt(0).toUpperCase()}${message.slice(1)}.`]),
    )
    this.#said.value = places
    if (places.size === 0 || error.code !== 'invalid_input') this.refusal.value = error
  }

  #filesSent(): Promise<void> {
    return new Promise((resolve) => {
      const stop = effect(() => {
        if (uploadsIn(this.draft.value).some(({ state }) => state.value.kind === 'sending')) return
        resolve()
        // The first look may be the last one, before `stop` is known.
        queueMicrotask(() => stop())
      })
    })
  }
}

function uploadsIn(draft: Draft | undefined): FileUpload[] {
  if (draft?.kind === 'file') return draft.file instanceof FileUpload ? [draft.file] : []
  if (draft?.kind === 'list') return draft.items.flatMap((item) => uploadsIn(item.draft))
  if (draft?.kind === 'object') return [...draft.fields.values()].flatMap(uploadsIn)
  return draft?.kind === 'either' ? uploadsIn(draft.draft) : []
}

/** `crypto.randomUUID` is not there on plain http. */
const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
