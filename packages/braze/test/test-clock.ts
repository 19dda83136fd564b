import type { Clock } from '../src/time/clock.ts'

/** A clock that moves when told to. */
export class TestClock implements Clock {
  /** How far somebody set the wall clock, milliseconds; nothing that waits may care. */
  stepMs = 0
  #now: number
  readonly #timers = new Map<number, { readonly at: number; readonly callback: () => void }>()
  #next = 0

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  wallTime(): number {
    return this.#now + this.stepMs
  }

  schedule(ms: number, callback: () => void): () => void {
    const id = this.#next++
    this.#timers.set(id, { at: this.#now + ms, callback })
    return () => this.#timers.delete(id)
  }

  /** Moves on, calling what becomes due, in order. Promises settle between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      const due = [...this.#timers]
        .filter(([, { at }]) => at <= end)
        .sort(([, a], [, b]) => a.at - b.at)[0]
      if (due === undefined) break
      this.#timers.delete(due[0])
      this.#now = Math.max(this.#now, due[1].at)
      due[1].callback()
    }
    this.#now = end
  }
}

/** Lets promises that are ready go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

/** A clock on which every wait is over at once; remembers how long each would have been. */
export class InstantClock implements Clock {
  /** How far somebody set the wall clock, milliseconds. */
  stepMs = 0
  #now: number
  readonly waits: number[] = []

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  wallTime(): number {
    return this.#now + this.stepMs
  }

  schedule(ms: number, callback: () => void): () => void {
    this.waits.push(ms)
    let isCancelled = false
    queueMicrotask(() => {
      if (isCancelled) return
      this.#now += ms
      callback()
    })
    return () => (isCancelled = true)
  }
}
