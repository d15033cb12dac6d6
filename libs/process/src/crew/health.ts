/** Whether something can do its work. Asked by probes, told by each process of a crew. */
export interface Health {
  ok: boolean
  /** One sentence per reason why not, and for what is about to go wrong. */
  reasons: string[]
}
