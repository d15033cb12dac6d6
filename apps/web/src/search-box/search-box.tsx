/** The one line in which jobs are searched: it completes names and values, and says what it does not understand. Shown by the screens of jobs and failures. */
import { useEffect, useId } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { words } from '../words/words.ts'
import type { KnownValues } from '../search/complete-search.ts'
import type { SearchFault } from '../search/read-search.ts'
import { useCompletion } from './use-completion.ts'
import './search-box.css'

interface SearchBoxProps {
  /** The line that is shown at first, and whenever it changes from outside. */
  line: string
  /** What is wrong with that line. */
  faults: readonly SearchFault[]
  known: KnownValues
  onSearch(line: string): void
}

export function SearchBox({ line, faults, known, onSearch }: SearchBoxProps) {
  const id = useId()
  const completion = useCompletion(line, known)
  const { field, typed, close } = completion
  useSlash(field)
  const search = (text: string): void => {
    close()
    onSearch(text.trim())
  }
  return (
    <search class="search">
      <form
        class="row search-line"
        onSubmit={(event) => {
          event.preventDefault()
          search(typed)
        }}
      >
        <div class="search-field">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.5 10.5l3 3" />
          </svg>
          <Line id={id} completion={completion} isWrong={faults.length > 0} />
          <Options id={id} completion={completion} />
        </div>
        <Button type="submit">{words.jobs.find}</Button>
      </form>
      <SearchFaults id={`${id}-faults`} faults={faults} line={line} onSearch={search} />
    </search>
  )
}

interface PartProps {
  id: string
  completion: ReturnType<typeof useCompletion>
}

function Line({ id, completion, isWrong }: PartProps & { isWrong: boolean }) {
  const { field, typed, type, options, marked, look, close, onKeyDown } = completion
  return (
    <input
      ref={field}
      class="input"
      type="text"
      role="combobox"
      aria-label={words.jobs.search}
      aria-autocomplete="list"
      aria-expanded={options.length > 0}
      aria-controls={`${id}-options`}
      aria-activedescendant={marked >= 0 ? `${id}-${marked}` : undefined}
      aria-describedby={isWrong ? `${id}-faults` : undefined}
      aria-invalid={isWrong}
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      placeholder={words.jobs.searchExample}
      value={typed}
      onInput={(event) => type(event.currentTarget.value)}
      onClick={look}
      onBlur={close}
      onKeyDown={onKeyDown}
    />
  )
}

function Options({ id, completion: { options, marked, take } }: PartProps) {
  return (
    <ul
      class="options"
      role="listbox"
      id={`${id}-options`}
      aria-label={words.jobs.completions}
      hidden={options.length === 0}
    >
      {options.map((option, index) => (
        <li
          key={option}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === marked}
          translate={false}
          // The field would lose the focus, and with it the list.
          onMouseDown={(event) => {
            event.preventDefault()
            take(option)
          }}
        >
          {option}
        </li>
      ))}
    </ul>
  )
}

/** `/` leads to the search from everywhere but fields. */
function useSlash(field: { current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = (event.target as Element | null)?.closest?.('input, textarea, select, [contenteditable], dialog')
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping) return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [field])
}

interface FaultsProps extends Pick<SearchBoxProps, 'faults' | 'line' | 'onSearch'> {
  id: string
}

function SearchFaults({ id, faults, line, onSearch }: FaultsProps) {
  if (faults.length === 0) return null
  return (
    <div class="search-faults" id={id} role="alert">
      <ul>
        {faults.map(({ why, word, name, instead }) => (
          <li key={`${why}-${word}`}>
            {words.jobs.faults[why](word, name)}
            {instead !== undefined && (
              <>
                {' '}
                <Button
                  size="small"
                  look="quiet"
                  onClick={() => onSearch(why === 'not_alone' ? instead : line.replace(word, () => instead))}
                >
                  {words.jobs.instead(instead)}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      <SearchHelp />
    </div>
  )
}

/** What can be asked, by example. */
function SearchHelp() {
  return (
    <dl class="search-help muted">
      {words.jobs.help.map(([example, means]) => (
        <div key={example}>
          <dt class="mono" translate={false}>
            {example}
          </dt>
          <dd>{means}</dd>
        </div>
      ))}
    </dl>
  )
}
