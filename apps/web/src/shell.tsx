/** What surrounds every screen: the navigation, the log-in where a key is asked for, and the screen of the present place. Shown by main.tsx. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, CallError } from './data/call.ts'
import { leaveSession, session } from './data/session.ts'
import { LoginScreen } from './login/login-screen.tsx'
import { announce, Announcer } from './parts/announce.tsx'
import { Button, LinkButton } from './parts/button.tsx'
import { FaultNotice, Loading } from './parts/notices.tsx'
import { Page } from './parts/page.tsx'
import { hrefOf, place } from './router/place.ts'
import { SCREENS, screenAt, type ShownScreen as FoundScreen } from './screens/screens.ts'
import { setTheme, theme, THEMES } from './style/theme.ts'
import { words } from './words/words.ts'
import './shell.css'

export function Shell() {
  const { path, query } = place.value
  const shown = screenAt(path)
  const content = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  // Who hears the page is told of the new screen: its heading gets the focus.
  useEffect(() => {
    if (!isFirst.current) content.current?.querySelector('h1')?.focus({ preventScroll: true })
    isFirst.current = false
    scrollTo(0, 0)
  }, [path])
  const { value } = session
  if (value.state === 'closed') return <LoginScreen session={value} />
  return (
    <div class="shell">
      <a class="skip" href="#content" onClick={(event) => skipTo(event, content.current)}>
        {words.shell.skip}
      </a>
      <Navigation current={shown?.screen.under ?? shown?.screen.path} />
      <main id="content" ref={content} tabIndex={-1}>
        {shown ? <ShownScreen key={path} {...shown} query={query} /> : <NoScreen />}
      </main>
      <Announcer />
    </div>
  )
}

interface ShownScreenProps extends FoundScreen {
  query: URLSearchParams
}

/** A screen, loaded before if it did not come with the page. */
function ShownScreen({ screen: { view, load }, params, query }: ShownScreenProps) {
  const [View, setView] = useState(() => view)
  const [isLost, setLost] = useState(false)
  useEffect(() => {
    load?.().then(
      (loaded) => setView(() => loaded),
      // Its file may be gone with an update of the server: the page of now knows the one of now.
      () => setLost(true),
    )
  }, [load])
  if (View) return <View params={params} query={query} />
  return isLost ? (
    <FaultNotice fault={new CallError('unreachable', 0)} onRetry={() => location.reload()} />
  ) : (
    <Loading />
  )
}

/** An address with `#content` would be a place of the router. */
function skipTo(event: Event, content: HTMLElement | null): void {
  event.preventDefault()
  content?.focus()
}

function Navigation({ current }: { current: string | undefined }) {
  const bar = useRef<HTMLElement>(null)
  // On small screens it is wider than the screen.
  useEffect(() => {
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [current])
  return (
    <nav class="nav" ref={bar} aria-label={words.shell.navigation}>
      <a class="brand" href="#/" translate={false}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" />
          <path d="M7 12c3-3 6-3 9 0s6 3 9 0M7 20c3-3 6-3 9 0s6 3 9 0" />
        </svg>
        {words.shell.product}
      </a>
      <ul>
        {SCREENS.filter(({ nav }) => nav !== undefined).map(({ path, nav }) => (
          <li key={path}>
            <a href={`#${path}`} aria-current={path === current ? 'page' : undefined}>
              {nav}
            </a>
          </li>
        ))}
      </ul>
      <div class="nav-foot">
        <ThemeChoice />
        {session.value.state === 'open' && session.value.isKnown && (
          <Button size="small" look="quiet" onClick={() => void logOut()}>
            {words.shell.logOut}
          </Button>
        )}
      </div>
    </nav>
  )
}

function ThemeChoice() {
  return (
    <select
      class="input"
      aria-label={words.shell.theme}
      value={theme.value}
      onChange={(event) => setTheme(THEMES.find((one) => one === event.currentTarget.value) ?? 'auto')}
    >
      {THEMES.map((one) => (
        <option key={one} value={one}>
          {words.shell.themes[one]}
        </option>
      ))}
    </select>
  )
}

async function logOut(): Promise<void> {
  try {
    await ask('v1/session', { method: 'DELETE' })
    leaveSession()
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    announce(error.problem?.detail ?? words.shell.unreachable)
  }
}

function NoScreen() {
  return (
    <Page title={words.shell.notFound} lead={words.shell.notFoundHint}>
      <div>
        <LinkButton href={hrefOf([])}>{words.shell.toStart}</LinkButton>
      </div>
    </Page>
  )
}
