/** The log of a job: what it said, by level and words, following the end while nobody reads further up. Shown by the screen of a job. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { LOG_LEVELS, type LogLevel, type LogLine } from '../../logs/log-book.ts'
import { saveText } from '../../parts/save-text.ts'
import { Button } from '../../parts/button.tsx'
import { words } from '../../words/words.ts'
import type { EventBook } from './event-book.ts'
import './log-view.css'

/** Lines that stand in the page at once: more would slow every browser down, however few are seen. */
const WINDOW = 500
const STEP = 250

interface LogViewProps {
  events: EventBook
  /** Names the file that is saved. */
  name: string
  isOpen: boolean
}

export function LogView({ events, name, isOpen }: LogViewProps) {
  // It is the same book all the time; what tells of new lines is this.
  void events.changes.value
  const book = events.log
  const [words_, setWords] = useState('')
  const [least, setLeast] = useState<LogLevel>('debug')
  const lines = book.matching({ least, words: words_.trim() })
  return (
    <div class="log">
      <div class="row">
        <input
          type="search"
          class="input grow"
          aria-label={words.job.logSearch}
          placeholder={words.job.logSearch}
          value={words_}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <label class="row">
          <span class="muted small">{words.job.level}</span>
          <select class="input" value={least} onChange={(event) => setLeast(event.currentTarget.value as LogLevel)}>
            {LOG_LEVELS.map((level) => (
              <option key={level} value={level}>
                {words.job.levels[level]}
              </option>
            ))}
          </select>
        </label>
        <Button size="small" disabled={book.size === 0} onClick={() => saveText(`${name}.log`, book.text())}>
          {words.job.saveLog}
        </Button>
      </div>
      <p class="muted small" role="status">
        {words.job.lines(lines.length, book.size)}
        {book.dropped > 0 && ` ${words.job.droppedLines(book.dropped)}`}
      </p>
      {lines.length > 0 ? (
        <LogWindow lines={lines} count={lines.length} />
      ) : (
        <p class="muted">{isOpen ? words.job.noLinesYet : words.job.noLines}</p>
      )}
    </div>
  )
}

interface LogWindowProps {
  lines: readonly LogLine[]
  /** It is the same array that grows: a part is shown again when what it is given has changed. */
  count: number
}

function LogWindow({ lines, count }: LogWindowProps) {
  const box = useRef<HTMLDivElement>(null)
  // Where the window ends; undefined while it follows the end of the log.
  const [endNumber, setEnd] = useState<number>()
  const found = endNumber === undefined ? count : lines.findIndex(({ number }) => number >= endNumber)
  const end = found === -1 ? count : Math.max(found, Math.min(WINDOW, count))
  const from = Math.max(0, end - WINDOW)
  const isAtEnd = endNumber === undefined
  useLayoutEffect(() => {
    if (isAtEnd && box.current) box.current.scrollTop = box.current.scrollHeight
  })
  const move = (to: number): void => setEnd(to >= count ? undefined : lines[Math.max(to, 1)]?.number)
  const onScroll = (): void => {
    const { scrollTop, clientHeight, scrollHeight } = box.current as HTMLDivElement
    const isBelow = scrollTop + clientHeight > scrollHeight - 30
    if (isBelow && end === count) setEnd(undefined)
    else if (!isBelow && isAtEnd) setEnd((lines.at(-1)?.number ?? 0) + 1)
  }
  return (
    <>
      <div
        class="log-box"
        ref={box}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={words.job.log}
        onScroll={onScroll}
      >
        {from > 0 && (
          <Button size="small" look="quiet" onClick={() => move(Math.max(end - STEP, WINDOW))}>
            {words.job.earlier(from)}
          </Button>
        )}
        {lines.slice(from, end).map((line) => (
          <LogRow key={line.number} line={line} />
        ))}
        {end < count && (
          <Button size="small" look="quiet" onClick={() => move(end + STEP)}>
            {words.job.later(count - end)}
          </Button>
        )}
      </div>
      {!isAtEnd && (
        <Button size="small" class="log-follow" onClick={() => setEnd(undefined)}>
          {words.job.toEnd}
        </Button>
      )}
    </>
  )
}

function LogRow({ line: { at, level, text } }: { line: LogLine }) {
  return (
    <div class={`log-line ${level}`}>
      <time class="number" dateTime={at} title={at}>
        {at.slice(11, 23)}
      </time>
      <span class="level">{level === 'info' ? '' : words.job.levels[level]}</span>
      <span class="said" dir="ltr">
        {text}
      </span>
    </div>
  )
}
