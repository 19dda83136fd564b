import type { Cause } from '@engage-sync/core'
import { causeOf } from '../process/cause.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import type { Teller } from './teller.ts'

/** What a configuration is read with. */
interface Reading {
  /** The environment as its files say now. @throws what is wrong with them */
  readonly read: () => OpenEnvironment
  readonly teller: Teller
}

/** The configuration that comes next, once it is read; one that cannot be read keeps the former. */
export class UpcomingConfiguration {
  readonly #reading: Reading
  #next: OpenEnvironment | null = null
  #refused: Cause | null = null

  constructor(reading: Reading) {
    this.#reading = reading
  }

  /** Whether one waits. */
  get isThere(): boolean {
    return this.#next !== null
  }

  /** Why the last one that was read is not worked with; null where it is. */
  get refused(): Cause | null {
    return this.#refused
  }

  /** Reads it. Whether it can be worked with. */
  read(): boolean {
    try {
      this.#next = this.#reading.read()
      this.#reading.teller.say('reads the configuration anew')
      return true
    } catch (error) {
      this.refuse(error)
      return false
    }
  }

  /** The one that waits, and none does then; or the former. */
  take(former: OpenEnvironment): OpenEnvironment {
    const next = this.#next ?? former
    this.#next = null
    return next
  }

  /** It is worked with. */
  accept(): void {
    this.#refused = null
    this.#reading.teller.say('works with the new configuration')
  }

  /** It cannot be worked with: the former stays. */
  refuse(error: unknown): void {
    this.#refused = causeOf(error)
    this.#reading.teller.warn('the former configuration is kept: ', this.#refused)
  }
}
