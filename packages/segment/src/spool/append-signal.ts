/** Wakes those who follow a spool. */
export class AppendSignal {
  #count = 0
  #next = Promise.withResolvers<void>()

  /** Something was appended. */
  tell(): void {
    this.#count++
    this.#next.resolve()
    this.#next = Promise.withResolvers()
  }

  /**
   * Waits for what is told.
   *
   * Shape: resolves at once the first time, then once something was told since it resolved last, or
   * the signal aborts.
   */
  watch(): (signal: AbortSignal) => Promise<void> {
    let seen = -1
    return async (signal) => {
      if (seen === this.#count && !signal.aborted) await untilAborted(this.#next.promise, signal)
      seen = this.#count
    }
  }
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>()
  const abort = () => aborted.resolve()
  signal.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
