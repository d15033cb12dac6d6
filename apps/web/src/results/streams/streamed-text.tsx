/** Streamed output as it comes, in one text node that only grows. */
import { useEffect, useRef } from 'preact/hooks'
import { words } from '../../words/words.ts'
import type { Feed } from './feed.ts'
import { FrameQueue } from './frame-queue.ts'
import { TextWindow } from './text-window.ts'

/**
 * What is kept on the page of a stream that goes on; the whole is in the output of the job. A browser lays a paragraph out anew
 * with each piece, so a long one makes the page slow. Characters.
 */
const MOST_CHARS = 20_000

export function StreamedText({ feed }: { feed: Feed<string> }) {
  const box = useRef<HTMLPreElement>(null)
  const note = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    const shown = new TextWindow(MOST_CHARS)
    const node = document.createTextNode('')
    box.current?.replaceChildren(node)
    const queue = new FrameQueue<string>((pieces) => {
      const text = pieces.join('')
      const isAtEnd = isScrolledToEnd(box.current)
      if (shown.append(text)) node.appendData(text)
      else node.data = shown.text
      if (note.current) note.current.hidden = shown.dropped === 0
      if (isAtEnd) box.current?.scrollTo(0, box.current.scrollHeight)
    })
    const stop = feed.listen((piece) => queue.push(piece))
    return () => {
      stop()
      queue.clear()
    }
  }, [feed])
  return (
    <>
      <p class="small muted" ref={note} hidden>
        {words.results.earlierLeftOut}
      </p>
      <pre class="text-result stream" ref={box} tabIndex={0} dir="auto" aria-label={words.results.stream} />
    </>
  )
}

export const isScrolledToEnd = (box: HTMLElement | null): boolean =>
  box !== null && box.scrollHeight - box.scrollTop - box.clientHeight < 24
