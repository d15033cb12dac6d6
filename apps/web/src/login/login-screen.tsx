/** Asks for the key of the server, once. Shown by the shell in place of all screens while there is no session. */
import { useState } from 'preact/hooks'
import { CallError, ask } from '../data/call.ts'
import { beginSession, type Session } from '../data/session.ts'
import { Button } from '../parts/button.tsx'
import { Field } from '../parts/asking/field.tsx'
import { durationText } from '../parts/duration-text.ts'
import { words } from '../words/words.ts'
import './login-screen.css'

type Closed = Extract<Session, { state: 'closed' }>

export function LoginScreen({ session }: { session: Closed }) {
  const [key, setKey] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const logIn = async (event: Event): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    try {
      await ask('v1/session', { method: 'POST', body: { key: key.trim() } })
      beginSession()
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      setFault(explain(error))
      setBusy(false)
    }
  }
  return (
    <main class="login">
      <form class="card stack" onSubmit={(event) => void logIn(event)}>
        <h1>{words.shell.needsKey}</h1>
        <p class="muted">{reasonOf(session)}</p>
        <Field label={words.shell.key} hint={words.shell.keyHint} fault={fault}>
          {(id, told) => (
            <input
              id={id}
              class="input"
              type="password"
              value={key}
              onInput={(event) => setKey(event.currentTarget.value)}
              required
              autoFocus
              autoComplete="current-password"
              spellcheck={false}
              aria-describedby={told}
              aria-invalid={fault !== undefined}
            />
          )}
        </Field>
        <Button look="main" type="submit" busy={isBusy} disabled={key.trim() === ''}>
          {words.shell.logIn}
        </Button>
        <p class="muted small">{words.shell.keyStays}</p>
      </form>
    </main>
  )
}

function reasonOf({ why }: Closed): string {
  if (why === 'left') return words.shell.loggedOut
  return why === 'ended' ? words.shell.sessionEnded : words.shell.needsKeyHere(location.host)
}

function explain(error: CallError): string {
  if (error.code === 'too_many_logins') return words.shell.tooMany(durationText((error.retryAfter ?? 60) * 1000))
  if (error.code === 'unauthorized') return words.shell.wrongKey
  return error.problem?.detail ?? words.shell.unreachable
}
