/** The frame of a screen: its heading, what can be done, its content. Used by every screen. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { words } from '../words/words.ts'
import './page.css'

interface PageProps {
  /** Heading, and title of the tab. */
  title: string
  /** Shown in place of the title as text, such as an id. */
  heading?: ComponentChildren
  /** One line below it. */
  lead?: ComponentChildren
  /** What can be done with all of it, such as buttons. */
  actions?: ComponentChildren
  children: ComponentChildren
}

export function Page({ title, heading, lead, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${words.shell.product}`
  }, [title])
  return (
    <div class="page stack">
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>{heading ?? title}</h1>
          {lead && <p class="muted">{lead}</p>}
        </div>
        {actions && <div class="row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}
