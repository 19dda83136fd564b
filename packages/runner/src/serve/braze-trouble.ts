import type { Cause } from '@engage-sync/core'
import type { EngineEvent } from '../engine/index.ts'

/** Why Braze took no request the last time: it is tried again within a window, which says nothing of it. */
export class BrazeTrouble {
  #cause: Cause | null = null

  /** Null where it took the last one. */
  get cause(): Cause | null {
    return this.#cause
  }

  observe(event: EngineEvent): void {
    if (event.type === 'sent') this.#cause = null
    if (event.type !== 'unavailable') return
    const seconds = Math.round(event.ms / 1000)
    this.#cause = {
      code: 'DESTINATION_UNAVAILABLE',
      message: `Braze takes no requests: ${event.reason}`,
      hint: `It is tried again, the next time in ${seconds} s; what comes is kept meanwhile.`,
      place: null,
    }
  }
}
