import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { COMMANDS } from '../commands.ts'
import { completionScript } from './completion-script.ts'

/**
 * Returns what bash offers for these words when the last one is completed. A shell function stands for `millrace completion
 * models`.
 */
function offered(...words: string[]): string[] {
  const script = `${completionScript('bash', COMMANDS)}
    millrace() { case "$*" in "completion models") printf 'echo\\nocr\\n' ;; "completion folders") printf 'mine\\n' ;; esac; }
    COMP_WORDS=(millrace "$@"); COMP_CWORD=$#; _millrace; printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
  return out.split('\n').filter(Boolean)
}

it('lets bash complete commands, flags of a command, and models as the server names them', () => {
  expect(offered('su')).toEqual(['submit'])
  expect(offered('submit', '--no')).toEqual(['--no-wait'])
  expect(offered('submit', 'o')).toEqual(['ocr'])
  expect(offered('model', '')).toEqual(['echo', 'ocr'])
  expect(offered('check', '')).toEqual(['mine'])
  expect(offered('completion', 'f')).toEqual(['fish'])
  expect(offered('submit', 'ocr', 'image=')).toEqual([])
})

it.each(['zsh', 'fish'] as const)('names every command and flag for %s', (shell) => {
  const script = completionScript(shell, COMMANDS)
  for (const { name, flags } of COMMANDS) {
    expect(script).toContain(name)
    for (const flag of flags) expect(script).toContain(shell === 'fish' ? `-l ${flag.name}` : `--${flag.name}`)
  }
})
