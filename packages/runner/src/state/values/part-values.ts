import type { Json } from '@engage-sync/core'
import { isText, isThere, isWhole, objectOf } from '../../process/json-shape.ts'
import type { JsonCheck } from '../../process/json-shape.ts'
import { NamedValue, NamedValues } from './named-value.ts'

/** Before the names of what the parts of one run tell each other; all of it goes when the run ends. */
export const PARTS = 'parts:'

/** A run that is done in parts, for those who are to do them. */
export interface PartCall {
  readonly run: number
  /** Of the lease it is led under. */
  readonly epoch: number
  /** How many parts there are. */
  readonly of: number
  /** Its `now`, milliseconds since the epoch. */
  readonly startedMs: number
  /** Fingerprint of what is to be done: who does something else is no part of it. */
  readonly work: string
}

/** What is said to all parts. */
export interface PartWord {
  readonly run: number
  /** Which plans it is said of: those that were told first, or after they were read again. */
  readonly turn: number
  /**
   * `go`: deliver; with where all have read to, and the workers that do so in the stead of others who
   * were killed. `stop`: guards stop it. `again`: read up to these positions. `end`: whether the
   * sources go on. `halt`: end soon, whatever is under way.
   */
  readonly step: 'go' | 'stop' | 'again' | 'end' | 'halt'
  readonly told: Json
}

/** How far a part is, and what it tells of that. */
export interface PartAnswer {
  readonly run: number
  /** Whom the others know it as. */
  readonly worker: string
  readonly turn: number
  readonly step: 'joined' | 'planned' | 'ended' | 'closed' | 'failed'
  readonly told: Json
}

/** What a part read and sent so far. */
export interface PartProgress {
  readonly run: number
  /** Records by source. */
  readonly read: Readonly<Record<string, number>>
  readonly requests: number
  readonly updates: number
  readonly dataPoints: number
  readonly changes: number
}

/** Written and read by the same version, so that its members alone are looked at. */
function shaped<T>(check: JsonCheck) {
  return {
    encode: (value: T) => value as Json,
    decode: (stored: Json) => (check(stored) ? (stored as T) : undefined),
  }
}

const SAID = objectOf({ run: isWhole, turn: isWhole, step: isText, told: isThere })
const CALL = objectOf({
  run: isWhole,
  epoch: isWhole,
  of: isWhole,
  startedMs: isWhole,
  work: isText,
})

/** The run that is done in parts now. */
export const partCall = new NamedValue<PartCall | null>(`${PARTS}run`, shaped(CALL), null)
/** What was said last to all of them. */
export const partWord = new NamedValue<PartWord | null>(`${PARTS}word`, shaped(SAID), null)
/** What each part told last, by its number. */
export const partAnswers = new NamedValues<PartAnswer>(`${PARTS}answer:`, shaped(SAID))
/** How far each is. */
export const partProgress = new NamedValues<PartProgress>(
  `${PARTS}at:`,
  shaped(objectOf({ run: isWhole })),
)
