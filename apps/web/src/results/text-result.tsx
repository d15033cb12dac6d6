/** A text as it is: markdown and HTML as their source. Of a long one the beginning, until somebody asks for all of it. */
import { useState } from 'preact/hooks'
import { Button } from '../parts/button.tsx'
import { sizeText } from '../parts/size-text.ts'
import { words } from '../words/words.ts'

/** More text at once makes a page slow. Characters. */
const FIRST_CHARS = 64 * 1024

export function TextResult({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false)
  const isCut = !isWhole && text.length > FIRST_CHARS
  if (text === '') return <p class="muted">{words.results.emptyText}</p>
  return (
    <div>
      <pre class="text-result" tabIndex={0} dir="auto">
        {isCut ? text.slice(0, FIRST_CHARS) : text}
      </pre>
      {isCut && (
        <Button size="small" onClick={() => setWhole(true)}>
          {words.results.wholeText(sizeText(text.length))}
        </Button>
      )}
    </div>
  )
}
