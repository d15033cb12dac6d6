/** Log lines as they come: the newest of them, however many there are. */
import { useEffect, useRef } from 'preact/hooks'
import { words } from '../../words/words.ts'
import type { Feed } from './feed.ts'
import { FrameQueue } from './frame-queue.ts'
import { isScrolledToEnd } from './streamed-text.tsx'

export interface LogLine {
  level: string
  message: string
}

/** Lines on the page; the page of the job has all that are kept. */
const MOST_LINES = 1000

export function LogLines({ feed }: { feed: Feed<LogLine> }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const queue = new FrameQueue<LogLine>((lines) => {
      const list = box.current
      if (!list) return
      const isAtEnd = isScrolledToEnd(list)
      list.append(...lines.slice(-MOST_LINES).map(lineElement))
      while (list.childElementCount > MOST_LINES) list.firstElementChild?.remove()
      if (isAtEnd) list.scrollTo(0, list.scrollHeight)
    })
    const stop = feed.listen((line) => queue.push(line))
    return () => {
      stop()
      queue.clear()
      box.current?.replaceChildren()
    }
  }, [feed])
  return <div class="log-lines mono" ref={box} tabIndex={0} role="region" aria-label={words.results.log} />
}

function lineElement({ level, message }: LogLine): HTMLElement {
  const line = document.createElement('div')
  line.className = `log-${/^[a-z]+$/.test(level) ? level : 'info'}`
  line.textContent = message
  return line
}
