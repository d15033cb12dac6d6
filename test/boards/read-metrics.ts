/** Reads what /metrics answers, and which metrics an expression names. Called by the tests of boards and alerts. */

export interface MetricFamily {
  name: string
  type: string
  help: string
  /** All labels that its series have, but `le`. */
  labels: Set<string>
  series: number
}

/** The text format of Prometheus, as far as prom-client writes it. */
export function readMetrics(text: string): Map<string, MetricFamily> {
  const families = new Map<string, MetricFamily>()
  let family: MetricFamily | undefined
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? []
    if (kind === 'HELP') {
      family = { name, type: '', help: rest, labels: new Set(), series: 0 }
      families.set(name, family)
    } else if (kind === 'TYPE' && family) family.type = rest
    else if (line !== '' && family) {
      family.series++
      for (const [, label = ''] of line.matchAll(/(?<=[{,])(\w+)="/g)) if (label !== 'le') family.labels.add(label)
    }
  }
  return families
}

/** What of an expression is the name of a metric of Millrace or of its process. Texts, such as values of labels, are left out. */
export function metricsIn(expr: string): string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, '')
  return [...bare.matchAll(/\b(?:millrace|process|nodejs)_\w+/g)].map(([name]) => name)
}

/** The family that a series belongs to: a histogram has three kinds. */
export const familyOf = (name: string): string => name.replace(/_(bucket|sum|count)$/, '')
