import { itemAt } from '@engage-sync/core'
import type { JsonObject } from '@engage-sync/core'
import { buildEvent } from './build.ts'
import type { EventSpec, EventUser } from './build.ts'
import { EXAMPLE_COMPUTATIONS } from './computations.ts'
import type { Computation } from './computations.ts'
import { FIRST_USER, otherIdentifierOf, profileOf, userOf } from './people.ts'
import { hashOf, Random } from '../random/index.ts'

/** What to generate. The same options give the same lines, byte by byte. */
export interface GenerateOptions {
  /** Default 1. */
  readonly seed?: number
  /** How many users events are drawn for. */
  readonly users: number
  /** How many lines. */
  readonly events: number
  /** Number of the first user. Default 1001. */
  readonly firstUser?: number
  /** Default: those of the example configuration. */
  readonly computations?: readonly Computation[]
  /** Time of the first event, milliseconds since the epoch. Default 2026-01-05. */
  readonly start?: number
  /** Milliseconds between two events. Default 1,000. */
  readonly step?: number
  /**
   * A later file instead of a first one: every value is the last of the first file, except for this
   * share (0 to 1) of users and keys, which have a new one. Pass a later `start` with it.
   */
  readonly change?: number
  /** Share of events that arrive later than others that are younger. Default 0.03. */
  readonly late?: number
  /** Share of events that are sent again under another identifier. Default 0.04. */
  readonly copies?: number
}

/** A file's time is cut into this many parts; a value may change from one to the next. */
const EPOCHS = 4
const ENRICHED_SHARE = 0.4
/** A late event is at most this many places late. */
const MAX_LATE = 400
const DEFAULT_START_MS = Date.UTC(2026, 0, 5)

/** Lines of NDJSON, without line ends, in order of arrival. */
export function* generateEvents(options: GenerateOptions): Generator<string> {
  for (const event of generateObjects(options)) yield JSON.stringify(event)
}

/** The same events as objects. */
export function* generateObjects(options: GenerateOptions): Generator<JsonObject> {
  const drawing = new Drawing(options)
  const held: { event: JsonObject; due: number }[] = []
  const late = options.late ?? 0.03
  for (let line = 0; line < options.events;) {
    const [oldest] = held
    if (oldest !== undefined && (oldest.due <= line || options.events - line <= held.length)) {
      held.shift()
      yield oldest.event
      line++
      continue
    }
    const event = drawing.next(line)
    if (drawing.random.chance(late)) held.push({ event, due: line + MAX_LATE })
    else {
      yield event
      line++
    }
  }
}

/** Draws one event after the other. */
class Drawing {
  readonly random: Random
  readonly #options: GenerateOptions
  readonly #seed: number
  readonly #firstUser: number
  readonly #wheel: readonly number[]
  readonly #computations: readonly Computation[]
  #copyOf: { spec: EventSpec; user: EventUser } | null = null
  #number = 0

  constructor(options: GenerateOptions) {
    this.#options = options
    this.#seed = options.seed ?? 1
    this.#firstUser = options.firstUser ?? FIRST_USER
    this.random = new Random(hashOf(this.#seed, options.change === undefined ? 0 : 1))
    this.#computations = options.computations ?? EXAMPLE_COMPUTATIONS
    this.#wheel = this.#computations.flatMap(({ weight }, index) =>
      Array.from({ length: weight }, () => index),
    )
  }

  next(line: number): JsonObject {
    const copy = this.#copyOf
    this.#copyOf = null
    if (copy !== null) return buildEvent({ ...copy.spec, user: copy.user })
    const user = this.#firstUser + this.random.below(this.#options.users)
    const spec = this.#spec(user, this.random.pick(this.#wheel), line)
    if (this.random.chance(this.#options.copies ?? 0.04))
      this.#copyOf = { spec, user: otherIdentifierOf(user, this.#seed) }
    return buildEvent(spec)
  }

  #spec(user: number, computation: number, line: number): EventSpec {
    const {
      class: named,
      key,
      forms,
      value,
      columns,
      enriched,
      event,
    } = itemAt(this.#computations, computation)
    const drawn = this.#drawn(user, computation, line)
    const hasProfile = enriched === true && this.random.chance(ENRICHED_SHARE)
    return {
      class: named,
      key,
      form: this.random.pick(forms),
      user: userOf(user, this.#seed),
      time:
        (this.#options.start ?? DEFAULT_START_MS) + this.#number++ * (this.#options.step ?? 1000),
      value: value(drawn),
      beside: { ...columns?.(drawn), ...(hasProfile ? profileOf(user) : {}) },
      event,
      random: this.random,
    }
  }

  /**
   * The number a value is made of: in half of the parts of the file's time, the one before holds
   * on.
   */
  #drawn(user: number, computation: number, line: number): number {
    const { change } = this.#options
    if (
      change !== undefined &&
      hashOf(this.#seed, user, computation, 99) < change * 0x1_0000_0000
    ) {
      return hashOf(this.#seed, user, computation, 100)
    }
    let epoch =
      change === undefined ? Math.floor((line * EPOCHS) / this.#options.events) : EPOCHS - 1
    while (epoch > 0 && hashOf(this.#seed, user, computation, 50 + epoch) % 2 === 0) epoch--
    return hashOf(this.#seed, user, computation, epoch)
  }
}
