import { describe, expect, it } from 'vitest'
import { LogBudget } from './log-budget.ts'

describe('LogBudget', () => {
  it('lets 100 lines a second through and counts the rest', () => {
    const budget = new LogBudget()
    const passed = Array.from({ length: 250 }, () => budget.take(5000)).filter(Boolean).length
    expect(passed).toBe(100)
    expect(budget.take(6000)).toBe(true)
    expect(budget.notice()).toMatch(/^150 log lines/)
  })
})
