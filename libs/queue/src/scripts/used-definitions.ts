/**
 * Of the definitions that go before a script, those that it needs: Redis runs a script from its first line at each call, and to
 * make thirty functions costs more than what most scripts do. Called by renderScript.
 */
export function usedDefinitions(preludes: string, script: string): string {
  const needed = new Set<string>()
  const used: string[] = []
  need(script, needed)
  // A definition may use those before it only, so from the last to the first each is asked for before it is met.
  for (const definition of definitionsOf(preludes).reverse()) {
    if (!definedBy(definition).some((name) => needed.has(name))) continue
    need(definition, needed)
    used.unshift(definition)
  }
  return used.join('\n')
}

/** Lines that are comments from their beginning are left out. */
export const withoutComments = (lua: string): string =>
  lua
    .split('\n')
    .filter((line) => !/^\s*(--.*)?$/.test(line))
    .join('\n')

/** Each begins with a `local` that stands at the beginning of a line. Throws where a prelude does more than define. */
function definitionsOf(preludes: string): string[] {
  const definitions = withoutComments(preludes).split(/\n(?=local )/)
  const other = definitions.find((one) => !one.split('\n').every(isPart))
  if (other !== undefined) throw new TypeError(`a prelude may only define, and not: ${other}`)
  return definitions
}

const isPart = (line: string, i: number): boolean => (i === 0 ? line.startsWith('local ') : /^( |end$|\})/.test(line))

function definedBy(definition: string): string[] {
  const [, name, names] = /^local (?:function (\w+)|([\w, ]+))/.exec(definition) ?? []
  return (name ?? names ?? '').split(',').map((one) => one.trim())
}

function need(lua: string, names: Set<string>): void {
  for (const [name] of lua.matchAll(/\b[A-Za-z_]\w*\b/g)) names.add(name)
}
