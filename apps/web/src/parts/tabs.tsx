/** Several contents in one place, one at a time. The arrow keys go from tab to tab. Used by screens. */
import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import './tabs.css'

export interface Tab {
  id: string
  title: string
  /** Shown beside the title when it is not 0. */
  count?: number
  /** Called for the tab that is open alone. */
  content(): ComponentChildren
}

interface TabsProps {
  label: string
  tabs: readonly Tab[]
  /** The one that is open at first. */
  first?: string | undefined
}

export function Tabs({ label, tabs, first }: TabsProps) {
  const id = useId()
  const [open, setOpen] = useState(first)
  const at = Math.max(
    0,
    tabs.findIndex((tab) => tab.id === open),
  )
  const shown = tabs[at] as Tab
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    const next = tabs[(at + step + tabs.length) % tabs.length] as Tab
    setOpen(next.id)
    event.currentTarget.querySelector<HTMLElement>(`#${CSS.escape(`${id}-${next.id}`)}`)?.focus()
    event.preventDefault()
  }
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab, index) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => setOpen(tab.id)}
          >
            {tab.title}
            {tab.count ? <span class="muted number small"> {tab.count.toLocaleString()}</span> : null}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown.id}`} tabIndex={-1}>
        {shown.content()}
      </div>
    </div>
  )
}
