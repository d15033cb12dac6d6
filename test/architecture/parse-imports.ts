// Finds what a module imports, by its lines. TypeScript 7 has no compiler API to ask, and lines are enough for our style.

const PATTERNS = [
  // import or export … from, over one line or several
  /^[ \t]*(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"\n]+)['"]/gm,
  // import for its effects
  /^[ \t]*import\s*['"]([^'"\n]+)['"]/gm,
  // a call of import, require or resolve with the name as text
  /(?:\bimport|\brequire|\.resolve)\(\s*['"]([^'"\n]+)['"]/g,
]

/** The specifiers that a source imports, in no order, each once. */
export function parseImports(source: string): string[] {
  const found = PATTERNS.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]!))
  return [...new Set(found)].filter((specifier) => !specifier.includes('$') && /^[.@a-z]/.test(specifier))
}

/** The package of a specifier; undefined for relative ones and for Node's own. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
