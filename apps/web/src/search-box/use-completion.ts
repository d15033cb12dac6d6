/** The state of a line that completes itself: what was typed, what fits, and which of it is marked. Called by search-box.tsx. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Completion, completeSearch, type KnownValues } from '../search/complete-search.ts'

const NOTHING: Completion = { from: 0, to: 0, options: [] }

export function useCompletion(line: string, known: KnownValues) {
  const field = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(line)
  const [found, setFound] = useState(NOTHING)
  const [marked, setMarked] = useState(-1)
  useEffect(() => setTyped(line), [line])
  const show = (next: Completion): void => {
    setFound(next)
    setMarked(-1)
  }
  const look = (): void => {
    const { value, selectionStart } = field.current as HTMLInputElement
    show(completeSearch(value, selectionStart ?? value.length, known))
  }
  const take = (option: string): void => {
    const input = field.current as HTMLInputElement
    const isWhole = !/[:=]$/.test(option)
    const next = `${typed.slice(0, found.from)}${option}${isWhole ? ' ' : ''}`
    // At once, and not with the next drawing: whoever types on would have the caret moved under the keys.
    input.value = next + typed.slice(found.to).replace(/^ /, '')
    input.setSelectionRange(next.length, next.length)
    setTyped(input.value)
    if (isWhole) show(NOTHING)
    else look()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = found.options.length - 1
    if (event.key === 'ArrowDown' && last >= 0) setMarked(marked >= last ? 0 : marked + 1)
    else if (event.key === 'ArrowUp' && last >= 0) setMarked(marked <= 0 ? last : marked - 1)
    else if (event.key === 'Escape' && last >= 0) show(NOTHING)
    else if ((event.key === 'Enter' || event.key === 'Tab') && marked >= 0) take(found.options[marked] as string)
    else return
    event.preventDefault()
  }
  const type = (text: string): void => {
    setTyped(text)
    look()
  }
  return { field, typed, type, options: found.options, marked, look, take, close: () => show(NOTHING), onKeyDown }
}
