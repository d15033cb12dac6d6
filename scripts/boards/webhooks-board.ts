// The board of the webhooks: what is owed, and do receivers take it? Rendered by render-boards.ts.
import type { Board, Panel } from './board.ts'

const PANELS: Panel[] = [
  {
    ...{ kind: 'stat', title: 'Owed', unit: 'short', width: 8 },
    about: 'Webhooks that are still to be delivered. Each worker says the same.',
    queries: [{ expr: 'max(millrace_webhooks_pending)', legend: '' }],
  },
  {
    ...{ kind: 'stat', title: 'Oldest owed', unit: 's', width: 8, levels: { yellow: 300, red: 900 } },
    about: 'For how long the oldest is owed. It grows while some receiver is down.',
    queries: [{ expr: 'max(millrace_webhooks_oldest_seconds)', legend: '' }],
  },
  {
    ...{ kind: 'stat', title: 'Tries that succeed', unit: 'percentunit', width: 8, levels: { yellow: 0.95, red: 0.5 } },
    about: 'Part of the tries of the last ten minutes that a receiver took.',
    queries: [
      {
        expr: 'sum(increase(millrace_webhook_tries_total{result="ok"}[10m])) / sum(increase(millrace_webhook_tries_total[10m]))',
        legend: '',
      },
    ],
  },
  {
    ...{ kind: 'stack', title: 'Tries', unit: 'ops' },
    about: 'By result: ok, or why they failed.',
    queries: [{ expr: 'sum by (result) (rate(millrace_webhook_tries_total[$__rate_interval]))', legend: '{{result}}' }],
  },
  {
    ...{ kind: 'lines', title: 'How long tries take', unit: 's' },
    about: 'Receivers have to answer within 15 s.',
    queries: [0.5, 0.95, 0.99].map((share) => ({
      expr: `histogram_quantile(${share}, sum by (le) (rate(millrace_webhook_try_seconds_bucket[$__rate_interval])))`,
      legend: `p${share * 100}`,
    })),
  },
  {
    ...{ kind: 'stack', title: 'Ends of deliveries', unit: 'ops' },
    about: 'delivered, failed (given up after five days, or not wanted), skipped (the endpoint is gone or disabled).',
    queries: [
      { expr: 'sum by (status) (rate(millrace_webhook_deliveries_total[$__rate_interval]))', legend: '{{status}}' },
    ],
  },
  {
    ...{ kind: 'lines', title: 'Owed over time', unit: 'short' },
    about: 'Each takes 2 to 3 KB of Redis and keeps the record of its job.',
    queries: [{ expr: 'max(millrace_webhooks_pending)', legend: 'owed' }],
  },
  {
    ...{ kind: 'stack', title: 'Calls of the hook afterEnd', unit: 'ops' },
    about: 'Only where the operator has set up hooks.',
    queries: [{ expr: 'sum by (result) (rate(millrace_end_hooks_total[$__rate_interval]))', legend: '{{result}}' }],
  },
]

export const WEBHOOKS_BOARD: Board = {
  name: 'webhooks',
  title: 'Millrace: webhooks',
  about: 'What is owed, and do receivers take it?',
  hasModel: false,
  panels: PANELS,
}
