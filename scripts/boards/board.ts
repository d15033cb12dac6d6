// What a board is, said shortly, and the JSON that Grafana reads of it. Called by render-boards.ts with the four boards.

/** Grafana's names of units. */
export type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'ops' | 'Bps' | 'none'

export interface Query {
  expr: string
  /** How a series is called: `{{model}}`. Empty for a panel of one number. */
  legend: string
}

export interface Panel {
  kind: 'stat' | 'lines' | 'stack' | 'table'
  title: string
  /** What somebody who looks at it must know. */
  about: string
  unit: Unit
  queries: readonly Query[]
  /** Of 24 columns. Default: 4 for one number, 12 for lines, 24 for a table. */
  width?: number
  /** From these values on it is shown yellow and red. Reversed when `red` is less. */
  levels?: { yellow: number; red: number }
  /** Words for the values 0 and 1. */
  words?: readonly [string, string]
}

export interface Board {
  /** Name of its file, and part of its uid. */
  name: string
  title: string
  about: string
  /** Whether a model can be chosen. */
  hasModel: boolean
  panels: readonly Panel[]
}

/** The shape of dashboards since Grafana 11. Newer ones read it and carry it over. */
const SCHEMA_VERSION = 39
const SOURCE = { type: 'prometheus', uid: '${datasource}' }
const COLUMNS = 24
const SIZES = { stat: [4, 4], lines: [12, 8], stack: [12, 8], table: [24, 8] } as const

export function renderBoard(board: Board, all: readonly Board[]): string {
  const dashboard = {
    uid: uidOf(board),
    title: board.title,
    description: board.about,
    tags: ['millrace'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    timezone: 'browser',
    time: { from: 'now-3h', to: 'now' },
    annotations: { list: [] },
    links: all.filter((other) => other !== board).map(linkTo),
    templating: { list: board.hasModel ? [SOURCES, MODELS] : [SOURCES] },
    panels: place(board.panels),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

const uidOf = ({ name }: Board): string => `millrace-${name}`

const linkTo = (board: Board) => ({
  ...{ title: board.title, type: 'link', url: `/d/${uidOf(board)}`, icon: 'external link', tooltip: board.about },
  ...{ tags: [], asDropdown: false, targetBlank: false, includeVars: true, keepTime: true },
})

const SOURCES = {
  ...{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', regex: '' },
  ...{ hide: 0, multi: false, includeAll: false, refresh: 1, options: [], skipUrlSync: false },
}

const MODEL_QUERY = 'label_values(millrace_workers, model)'
const MODELS = {
  ...{ name: 'model', label: 'Model', type: 'query', datasource: SOURCE, regex: '', sort: 1 },
  query: { query: MODEL_QUERY, refId: 'models' },
  ...{ hide: 0, multi: true, includeAll: true, allValue: '.*', refresh: 2, options: [], skipUrlSync: false },
  current: { selected: true, text: ['All'], value: ['$__all'] },
}

/** From left to right, and in the next row where there is no room. */
function place(panels: readonly Panel[]): object[] {
  let [x, y, rowHeight] = [0, 0, 0]
  return panels.map((panel, index) => {
    const [usual, height] = SIZES[panel.kind]
    const width = panel.width ?? usual
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0]
    const gridPos = { x, y, w: width, h: height }
    x += width
    rowHeight = Math.max(rowHeight, height)
    return toPanel(panel, index + 1, gridPos)
  })
}

function toPanel(panel: Panel, id: number, gridPos: object): object {
  const { kind, title, about, queries } = panel
  const isTable = kind === 'table'
  return {
    ...{ id, type: kind === 'lines' || kind === 'stack' ? 'timeseries' : kind, title, description: about },
    ...{ datasource: SOURCE, gridPos, fieldConfig: { defaults: defaultsOf(panel), overrides: [] } },
    options: OPTIONS[kind],
    targets: queries.map(({ expr, legend }, index) => ({
      ...{ refId: String.fromCharCode(65 + index), datasource: SOURCE, editorMode: 'code', expr, legendFormat: legend },
      ...(isTable ? { instant: true, range: false, format: 'table' } : { range: true, instant: false }),
    })),
    ...(isTable && { transformations: asColumns(queries) }),
  }
}

/** One row for each model, one column for each query, named by its legend. */
const asColumns = (queries: readonly Query[]): object[] => [
  { id: 'merge', options: {} },
  {
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      renameByName: Object.fromEntries(
        queries.map(({ legend }, index) => [`Value #${String.fromCharCode(65 + index)}`, legend]),
      ),
    },
  },
]

function defaultsOf({ kind, unit, levels, words }: Panel): object {
  const isReversed = levels !== undefined && levels.red < levels.yellow
  const [calm, alarm] = isReversed ? ['red', 'green'] : ['green', 'red']
  const marks = levels && [levels.yellow, levels.red].toSorted((a, b) => a - b)
  const steps = [
    { color: calm, value: null },
    ...(marks ? [{ color: 'yellow', value: marks[0] }] : []),
    ...(marks ? [{ color: alarm, value: marks[1] }] : []),
  ]
  return {
    ...{
      unit,
      min: 0,
      color: { mode: levels ? 'thresholds' : 'palette-classic' },
      thresholds: { mode: 'absolute', steps },
    },
    mappings: words
      ? [{ type: 'value', options: { 0: { text: words[0], index: 0 }, 1: { text: words[1], index: 1 } } }]
      : [],
    ...((kind === 'lines' || kind === 'stack') && {
      color: { mode: 'palette-classic' },
      custom: {
        ...{ drawStyle: 'line', lineWidth: 1, fillOpacity: kind === 'stack' ? 40 : 8, showPoints: 'never' },
        stacking: { mode: kind === 'stack' ? 'normal' : 'none', group: 'A' },
      },
    }),
  }
}

const LINES = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
  tooltip: { mode: 'multi', sort: 'desc' },
}
const OPTIONS = {
  lines: LINES,
  stack: LINES,
  stat: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    ...{ colorMode: 'value', graphMode: 'area', justifyMode: 'auto', orientation: 'auto', textMode: 'auto' },
  },
  table: {
    showHeader: true,
    cellHeight: 'sm',
    footer: { show: false, reducer: ['sum'], countRows: false, fields: '' },
  },
}
