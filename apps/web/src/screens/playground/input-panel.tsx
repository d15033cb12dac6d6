/** The left half of the playground: the form or its JSON, presets, options, and the button. */
import type { ModelView } from '@millrace/client'
import { useEffect } from 'preact/hooks'
import { Form, focusPlace } from '../../form/form.tsx'
import { toJson } from '../../json/json.ts'
import { Button } from '../../parts/button.tsx'
import { FaultNotice } from '../../parts/notices.tsx'
import { words } from '../../words/words.ts'
import { EstimateLine } from './estimate-line.tsx'
import { OPTIONS } from './options.ts'
import type { Note, Playground } from './playground.ts'
import { presetsOf } from './presets.ts'

interface InputPanelProps {
  playground: Playground
  model: ModelView
  onJob: (id: string) => void
}

export function InputPanel({ playground, model, onJob }: InputPanelProps) {
  const run = async (): Promise<void> => {
    const job = await playground.submit()
    if (job) return onJob(job.id)
    // The fault is on the page after the next drawing.
    requestAnimationFrame(() => focusFault(playground))
  }
  useRunKey(() => void run())
  const { refusal, note } = playground
  return (
    <section class="card stack play-input" aria-labelledby="play-input">
      <div class="row">
        <h2 id="play-input">{words.playground.input}</h2>
        <span class="push" />
        {!playground.isOpen && <FormOrJson playground={playground} />}
        <Button size="small" look="quiet" onClick={() => playground.clear()}>
          {words.playground.clear}
        </Button>
      </div>
      <Presets playground={playground} model={model} />
      {note.value && <NoteLine note={note.value} />}
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <InputFields playground={playground} />
        <details class="fold">
          <summary>{words.playground.options}</summary>
          <Form
            control={OPTIONS}
            path=""
            draft={playground.options.value}
            onEdit={playground.editOptions}
            faults={playground.faults.value}
          />
        </details>
        {refusal.value && <FaultNotice fault={refusal.value} />}
        <RunBar playground={playground} model={model} />
      </form>
    </section>
  )
}

function RunBar({ playground, model }: Pick<InputPanelProps, 'playground' | 'model'>) {
  const sending = playground.sending.value
  const does = { no: words.playground.run, files: words.playground.waitsForFiles, job: words.playground.sending }
  return (
    <div class="run-bar">
      <Button
        type="submit"
        look="main"
        busy={sending !== 'no'}
        title={words.playground.runKeys}
        aria-keyshortcuts="Control+Enter"
      >
        {does[sending]}
      </Button>
      <EstimateLine playground={playground} model={model} />
    </div>
  )
}

function useRunKey(run: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      run()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}

function focusFault(playground: Playground): void {
  const [first] = playground.faults.value.keys()
  if (first !== undefined) focusPlace(first)
}

function FormOrJson({ playground }: { playground: Playground }) {
  const isJson = playground.text.value !== undefined
  return (
    <div class="switch" role="group" aria-label={words.playground.formOrJson}>
      <button type="button" aria-pressed={!isJson} onClick={() => playground.writeAs('form') || focusPlace('/input')}>
        {words.playground.form}
      </button>
      <button type="button" aria-pressed={isJson} onClick={() => playground.writeAs('json')}>
        {words.playground.json}
      </button>
    </div>
  )
}

function InputFields({ playground }: { playground: Playground }) {
  const text = playground.text.value
  const faults = playground.faults.value
  if (text === undefined) {
    return (
      <Form
        control={playground.control}
        path="/input"
        draft={playground.draft.value}
        onEdit={playground.edit}
        faults={faults}
      />
    )
  }
  // A fault deeper inside has no field of its own here, so it is told with its place.
  const shown = [...faults].filter(([path]) => path === '/input' || path.startsWith('/input/'))
  return (
    <div class="field">
      <label class="field-label" for="field:/input">
        {playground.isOpen ? words.playground.takesAnything : words.playground.jsonHint}
      </label>
      <textarea
        id="field:/input"
        class="input json whole"
        rows={14}
        spellcheck={false}
        value={text}
        aria-invalid={shown.length > 0 ? 'true' : undefined}
        aria-describedby="fault:/input"
        onInput={(event) => playground.editText(event.currentTarget.value)}
      />
      <div id="fault:/input">
        {shown.map(([path, fault]) => (
          <p class="field-fault" key={path}>
            {path === '/input' ? '' : `${path.slice('/input'.length)}: `}
            {fault}
          </p>
        ))}
      </div>
    </div>
  )
}

function Presets({ playground, model }: { playground: Playground; model: ModelView }) {
  const presets = presetsOf(model, playground.kind)
  if (presets.length === 0) return null
  return (
    <div class="row" role="group" aria-label={words.playground.presets}>
      <span class="small muted">{words.playground.presets}</span>
      {presets.map(({ name, input }, at) => (
        <Button key={at} size="small" onClick={() => playground.fill(toJson(input) ?? new Map())}>
          {name ?? words.playground.preset(at + 1)}
        </Button>
      ))}
    </div>
  )
}

function NoteLine({ note }: { note: Note }) {
  const texts = {
    secrets: () => (note.kind === 'secrets' ? words.playground.secretsLeft(note.count) : ''),
    link: () => words.playground.filledFrom,
    link_broken: () => words.playground.linkBroken,
    too_large: () => words.playground.inputTooLarge,
  }
  return (
    <p class="play-note" role="status">
      {texts[note.kind]()}
    </p>
  )
}
