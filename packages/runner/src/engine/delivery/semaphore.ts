/** Lets at most `size` pieces of work be under way; the others wait in order. */
export class Semaphore {
  readonly #size: number
  #inside = 0
  readonly #waiting: (() => void)[] = []
  readonly #idle: (() => void)[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** Resolves when there is room; every `enter` needs one `leave`. */
  async enter(): Promise<void> {
    if (this.#inside < this.#size) {
      this.#inside++
      return
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next !== undefined) return next()
    this.#inside--
    if (this.#inside === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#inside > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }
}
