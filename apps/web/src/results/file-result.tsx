/** A file of a result: shown where a browser can, and always to be saved. Nothing in it can run: the server sends it as a download. */
import { useEffect, useState } from 'preact/hooks'
import type { FileShown } from '../json/file-in.ts'
import { sizeText } from '../parts/size-text.ts'
import { words } from '../words/words.ts'
import { BeforeAfter } from './before-after.tsx'

interface FileResultProps {
  file: FileShown
  before?: string | undefined
  onStale?: (() => void) | undefined
}

export function FileResult({ file, before, onStale }: FileResultProps) {
  const { name, type, size, url } = file
  return (
    <figure class="file-result">
      <Preview file={file} before={before} onStale={onStale} />
      <figcaption>
        <a class="button small" href={url} download={name}>
          {words.results.download(name)}
        </a>
        <span class="small muted">
          {type} · {sizeText(size)}
        </span>
      </figcaption>
    </figure>
  )
}

function Preview({ file: { name, type, url }, before, onStale }: FileResultProps) {
  const onError = useOnce(onStale, url)
  if (type.startsWith('image/')) {
    if (before !== undefined) return <BeforeAfter before={before} after={url} name={name} onError={onError} />
    return <img src={url} alt={name} onError={onError} />
  }
  if (type.startsWith('audio/'))
    return <audio controls src={url} aria-label={name} preload="metadata" onError={onError} />
  if (type.startsWith('video/'))
    return <video controls src={url} aria-label={name} preload="metadata" onError={onError} />
  const isText = type.startsWith('text/') || type === 'application/json'
  return isText ? <TextPreview url={url} /> : null
}

/** Once for each address: a file that cannot be shown at all must not be asked for without end. */
function useOnce(act: (() => void) | undefined, url: string): () => void {
  const [tried, setTried] = useState<string>()
  return () => {
    if (act === undefined || tried === url.split('?')[0]) return
    setTried(url.split('?')[0])
    act()
  }
}

function TextPreview({ url }: { url: string }) {
  const [text, setText] = useState<string>()
  useEffect(() => {
    const asking = new AbortController()
    fetch(`${url}${url.includes('?') ? '&' : '?'}via=api`, { signal: asking.signal })
      .then((answer) => (answer.ok ? answer.text() : undefined))
      .then((found) => found !== undefined && setText(found))
      // It can be saved all the same.
      .catch(() => undefined)
    return () => asking.abort()
  }, [url])
  return text === undefined ? null : (
    <pre class="text-result" tabIndex={0} dir="auto">
      {text}
    </pre>
  )
}
