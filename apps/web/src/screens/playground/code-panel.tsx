/** The call as code, with the values that were given and never a key. */
import { type ShownCall, withoutSecrets } from '../../code/shown-call.ts'
import { writeCli } from '../../code/write-cli.ts'
import { writeCurl } from '../../code/write-curl.ts'
import { writePython, writeTypeScript } from '../../code/write-program.ts'
import type { JsonObject } from '../../json/json.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { words } from '../../words/words.ts'
import type { Playground } from './playground.ts'

type Language = keyof typeof words.playground.codeLanguages

const WRITERS: Record<Language, (call: ShownCall) => string> = {
  curl: writeCurl,
  typescript: writeTypeScript,
  python: writePython,
  cli: (call) => writeCli(call) ?? words.playground.noCli,
}

export function CodePanel({ playground, withKey }: { playground: Playground; withKey: boolean }) {
  const call = callOf(playground, withKey)
  const tabs = (Object.keys(WRITERS) as Language[]).map((id) => ({
    id,
    title: words.playground.codeLanguages[id],
    content: () => <Code text={WRITERS[id](call)} />,
  }))
  return (
    <section class="stack" aria-labelledby="play-code">
      <h2 id="play-code">{words.playground.code}</h2>
      <Tabs label={words.playground.code} tabs={tabs} />
    </section>
  )
}

function Code({ text }: { text: string }) {
  return (
    <div class="code">
      <pre tabIndex={0} translate={false}>
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  )
}

function callOf(playground: Playground, withKey: boolean): ShownCall {
  const { input, files } = playground.read.value
  const options = new Map(playground.body)
  options.delete('input')
  return {
    url: new URL('.', location.href.split('#')[0]).href.replace(/\/$/, ''),
    model: playground.model,
    control: playground.control,
    input: withoutSecrets(playground.control, input) as JsonObject,
    files: new Map([...files].map(([path, file]) => [path.slice('/input'.length), file.name ?? ''])),
    options,
    withKey,
  }
}
