/** Puts a text where it can be pasted from. Used beside ids, code and answers of the API. */
import { useState } from 'preact/hooks'
import { words } from '../words/words.ts'
import { Button } from './button.tsx'

const TOLD_MS = 2000

interface CopyButtonProps {
  text: string
  /** What is on the button. Default: Copy. */
  children?: string
}

export function CopyButton({ text, children = words.shell.copy }: CopyButtonProps) {
  const [told, setTold] = useState<string>()
  const onClick = async (): Promise<void> => {
    setTold((await copyText(text)) ? words.shell.copied : words.shell.copyFailed)
    setTimeout(() => setTold(undefined), TOLD_MS)
  }
  return (
    <Button size="small" look="quiet" onClick={() => void onClick()}>
      <span role="status">{told ?? children}</span>
    </Button>
  )
}

/** Where the page came by plain http from another name, browsers have no clipboard for it: a field that is selected still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

function copySelected(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'unseen'
  const before = document.activeElement
  document.body.append(field)
  field.select()
  const isCopied = document.execCommand('copy')
  field.remove()
  if (before instanceof HTMLElement) before.focus()
  return isCopied
}
