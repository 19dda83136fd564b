import type { FaultOptions } from '../options/index.ts'

/** A fault with its state. */
export interface Fault extends FaultOptions {
  readonly id: number
  /** Requests it hit. */
  hits: number
  /** Matching requests it saw. */
  seen: number
}

/** Faults in force. */
export class Faults {
  #faults: Fault[] = []
  #nextId = 1
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  add(options: FaultOptions): Fault {
    const fault = { ...options, id: this.#nextId++, hits: 0, seen: 0 }
    this.#faults.push(fault)
    return fault
  }

  list(): readonly Fault[] {
    return this.#faults
  }

  clear(): void {
    this.#faults = []
  }

  /** The faults that hit a request to a path, in the order they were added. */
  strike(path: string): readonly Fault[] {
    return this.#faults.length === 0 ? [] : this.#faults.filter((fault) => this.#hits(fault, path))
  }

  #hits(fault: Fault, path: string): boolean {
    if (!matchesPath(fault.path, path)) return false
    fault.seen += 1
    const most = fault.next ?? (fault.probability === undefined ? 1 : Infinity)
    if (fault.seen <= (fault.skip ?? 0) || fault.hits >= most) return false
    if (fault.probability !== undefined && this.#random() >= fault.probability) return false
    fault.hits += 1
    return true
  }
}

function matchesPath(pattern: string | undefined, path: string): boolean {
  if (pattern === undefined) return true
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
}
