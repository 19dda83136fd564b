import type { ServerResponse } from 'node:http'
import type { Engine } from '../engine/index.ts'
import { summaryView } from './views.ts'

/** Milliseconds between two looks at whether something changed. */
const LOOK_MS = 500

/**
 * Tells everyone who listens at `/simulator/events` when something has changed.
 *
 * Shape: server-sent events named `summary` with the numbers of `/simulator/summary`; one at once,
 * then at most two a second.
 */
export class Live {
  readonly #engine: Engine
  readonly #listeners = new Set<ServerResponse>()
  #timer: NodeJS.Timeout | null = null
  #told = -1

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Adds a listener until it hangs up. */
  add(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(this.#message())
    this.#listeners.add(response)
    response.on('close', () => this.#remove(response))
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS)
  }

  #remove(response: ServerResponse): void {
    this.#listeners.delete(response)
    if (this.#listeners.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #look(): void {
    if (this.#told === this.#engine.version) return
    this.#told = this.#engine.version
    const message = this.#message()
    for (const listener of this.#listeners) listener.write(message)
  }

  #message(): string {
    return `event: summary\ndata: ${JSON.stringify(summaryView(this.#engine))}\n\n`
  }
}
