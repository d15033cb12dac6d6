/**
 * Moves the clock of the process that is started with `--import <this file>?days=<number>`: all that it reads as the time of
 * day is that far ahead, or behind. Timers and the monotonic clock stay right. Loaded by workers of a chaos run.
 */
const aheadMs = Number(new URL(import.meta.url).searchParams.get('days')) * 86_400_000
const RightDate = Date

globalThis.Date = class Date extends RightDate {
  static now() {
    return RightDate.now() + aheadMs
  }

  constructor(...given) {
    super(...(given.length === 0 ? [RightDate.now() + aheadMs] : given))
  }
}
