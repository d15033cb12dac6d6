/**
 * Reads one module as the laws see it: what it imports, what it exports, how long its functions are. Called by the laws
 * that look inside files.
 */
import { type Node, parseSync } from 'oxc-parser'
import type { TextFile } from './house.ts'

export interface Import {
  specifier: string
  /** `type` is gone at run time; `address` is a path that is made of a module's own, such as `new URL('./x', import.meta.url)`. */
  kind: 'value' | 'type' | 'address'
}

export interface FunctionFacts {
  name: string
  /** Where it begins. */
  line: number
  /** From its first line to its last, without what it hands to `describe` or `it`. */
  lines: number
}

export interface ModuleFacts {
  /** Each once. */
  imports: Import[]
  /** By name; `*` for all that another module exports. */
  exports: { name: string; isType: boolean }[]
  functions: FunctionFacts[]
  comments: { text: string; line: number }[]
  /** What the parser could not read. */
  faults: string[]
}

const TEST_CALLS = ['describe', 'it', 'test', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach']
const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']
/** Whether a call takes what lies beside a module: `require.resolve('./x')` and `createRequire(here).resolve('./x')`. */
const RESOLVERS = /^(require|require\.resolve|createRequire\(…\)\.resolve|\w+\.resolve|vi\.mock|vi\.doMock)$/

const read = new WeakMap<TextFile, ModuleFacts>()

/** The facts of a module. A file is read once, however many laws ask. */
export function readModule(file: TextFile): ModuleFacts {
  const known = read.get(file)
  if (known) return known
  const facts = factsOf(file)
  read.set(file, facts)
  return facts
}

function factsOf({ path, source }: TextFile): ModuleFacts {
  const { program, module, comments, errors } = parseSync(path, source)
  const lineOf = lineCounter(source)
  const imports: Import[] = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      kind: entries.length > 0 && entries.every(({ isType }) => isType) ? ('type' as const) : ('value' as const),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest
          ? [{ specifier: moduleRequest.value, kind: isType ? ('type' as const) : ('value' as const) }]
          : [],
      ),
    ),
  ]
  const functions: FunctionFacts[] = []
  walk(program, [], (node, above) => {
    const found = importIn(node)
    if (found) imports.push(found)
    if (!FUNCTIONS.includes(node.type) || isTestCallback(node, above)) return
    const handed = testCallbacksIn(node).reduce((sum, { start, end }) => sum + lineOf(end) - lineOf(start), 0)
    const line = lineOf(node.start)
    functions.push({ name: nameOf(node, above), line, lines: lineOf(node.end) - line + 1 - handed })
  })
  return {
    imports: [...new Map(imports.map((one) => [`${one.kind} ${one.specifier}`, one])).values()],
    exports: module.staticExports.flatMap(({ entries }) =>
      entries.map(({ exportName: { kind, name }, isType }) => ({
        name: name ?? (kind === 'Default' ? 'default' : '*'),
        isType,
      })),
    ),
    functions,
    comments: comments.map(({ value, start }) => ({ text: value, line: lineOf(start) })),
    faults: errors.map(({ message }) => message),
  }
}

/** What a node imports beside the statements that the parser lists itself. */
function importIn(node: Node): Import | undefined {
  if (node.type === 'ImportExpression') return importOf(node.source, 'value')
  if (node.type === 'TSImportType') return importOf(node.source, 'type')
  if (node.type === 'CallExpression' && RESOLVERS.test(textOf(node.callee))) {
    const specifier = startOf(node.arguments[0])
    // path.resolve and Promise.resolve have the same form; they get no path that begins like a specifier of ours.
    return specifier && /^(\.|@|[a-z])/.test(specifier) && !/^(path|Promise)\./.test(textOf(node.callee))
      ? { specifier, kind: specifier.startsWith('.') ? 'address' : 'value' }
      : undefined
  }
  if (node.type !== 'NewExpression' || textOf(node.callee) !== 'URL') return undefined
  if (!/^import\.meta\.url$/.test(textOf(node.arguments[1]))) return undefined
  const path = startOf(node.arguments[0])
  if (path === undefined) return undefined
  return { specifier: path.startsWith('.') ? path : `./${path}`, kind: 'address' }
}

function importOf(node: Node, kind: Import['kind']): Import | undefined {
  const specifier = startOf(node)
  return specifier === undefined ? undefined : { specifier, kind }
}

/** The text of a literal, or what a template begins with; undefined where it begins with something computed. */
function startOf(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node?.type !== 'TemplateLiteral') return undefined
  return node.quasis[0]?.value.cooked || undefined
}

/** `a.b` as text, calls as `…`; empty for everything else. */
function textOf(node: Node | undefined): string {
  if (node === undefined) return ''
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MetaProperty') return 'import.meta'
  if (node.type === 'CallExpression') return `${textOf(node.callee)}(…)`
  if (node.type === 'MemberExpression' && !node.computed) return `${textOf(node.object)}.${textOf(node.property)}`
  return ''
}

/** Whether a function is what `describe`, `it` or a hook runs: its length is that of its sentences. */
const isTestCallback = (node: Node, above: readonly Node[]): boolean => {
  const call = above.at(-1)
  return call?.type === 'CallExpression' && call.callee !== node && TEST_CALLS.includes(rootOf(call.callee))
}

/** `describe` of `describe.skipIf(x).each(rows)`. */
function rootOf(node: Node): string {
  if (node.type === 'CallExpression') return rootOf(node.callee)
  if (node.type === 'MemberExpression') return rootOf(node.object)
  return node.type === 'Identifier' ? node.name : ''
}

/** The outermost test callbacks in a function. */
function testCallbacksIn(top: Node): Node[] {
  const found: Node[] = []
  walk(top, [], (node, above) => {
    if (!FUNCTIONS.includes(node.type) || !isTestCallback(node, above)) return
    if (!found.some(({ start, end }) => start <= node.start && node.end <= end)) found.push(node)
  })
  return found
}

function nameOf(node: Node, above: readonly Node[]): string {
  if ('id' in node && node.id?.type === 'Identifier') return node.id.name
  const parent = above.at(-1)
  if (parent === undefined) return ''
  if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name
  if ('key' in parent) return textOf(parent.key as Node) || '#'
  if (parent.type === 'CallExpression') return `the callback of ${textOf(parent.callee)}`
  return 'a function'
}

type Visit = (node: Node, above: readonly Node[]) => void

/** Visits a node and all below it, with what lies above each. */
function walk(node: Node, above: readonly Node[], visit: Visit): void {
  visit(node, above)
  const here = [...above, node]
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && 'type' in child && 'start' in child) {
        walk(child as Node, here, visit)
      }
    }
  }
}

function lineCounter(source: string): (offset: number) => number {
  const starts = [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

/** The package of a specifier; undefined for relative ones and for Node's own. */
export function packageOf(specifier: string): string | undefined {
  if (/^[.#]/.test(specifier) || specifier.startsWith('node:')) return undefined
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
