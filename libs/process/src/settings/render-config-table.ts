/**
 * Writes the table of settings in docs/deploy.md, so that the page cannot differ from the code. Called by `npm run
 * generate`.
 */
import { type SettingMeta, settings } from './config-schema.ts'

/**
 * The settings as a Markdown table, in the order of the schema. A default that is not constant is part of the meaning.
 */
export function renderConfigTable(): string {
  const rows = settings().map((setting) => `| \`${setting.env}\` | ${defaultOf(setting)} | ${meaningOf(setting)} |`)
  return ['| variable | default | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

const defaultOf = (setting: SettingMeta): string => (setting.default === undefined ? '' : `\`${setting.default}\``)

function meaningOf({ description, secret, env }: SettingMeta): string {
  // Inside of a code span Markdown shows `&lt;` as it is written.
  const text = description
    .replaceAll('|', '\\|')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
  return secret ? `${text} Or \`${env}_FILE\`: the path of a file that holds it.` : text
}
