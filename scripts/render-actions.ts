// Writes the table of docs/audit.md from the actions of the contracts. Called by render-files.ts.
import { AUDIT_ACTIONS } from '@millrace/contracts'

export function renderActions(): string {
  const rows = Object.entries(AUDIT_ACTIONS).map(([name, { about, subject }]) => [`\`${name}\``, about, subject ?? ''])
  return [['action', 'what was done', 'subject'], ['---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}
