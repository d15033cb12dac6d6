/** Says whether something can do its work. Probes ask for it, and each process of a crew reports it. */
export interface Health {
  ok: boolean
  /** One sentence for each reason why it cannot, and for each thing that will soon go wrong. */
  reasons: string[]
}
