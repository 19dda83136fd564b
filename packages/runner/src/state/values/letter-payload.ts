import { isJsonObject } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import { unreadable } from '../format/errors.ts'

/** What a dead letter keeps of a record that was rejected, whole or in one of its values. */
export interface RejectedRecord {
  /** Text of the record, as much of it as is kept. */
  readonly text: string
  /** The mapping that rejected a value of it; empty where the record itself was rejected. */
  readonly mapping: string
  /**
   * Whose record could not be read; null for values of mappings, and in letters of older states.
   */
  readonly source: string | null
}

/**
 * What a dead letter of the destination keeps of the refused value, so that `retry` can send it
 * again.
 */
export interface RefusedValue {
  readonly kind: string
  readonly mapping: string
  /** Canonical text of the encoded value. */
  readonly value: string
  /** Event time, milliseconds. */
  readonly time: number
}

/** What a letter of the stage `waiting` keeps of a user: the records to be folded again. */
export interface DeferredRecords {
  readonly records: readonly string[]
  /** Columns of segments whose verdicts may have been sent without the row knowing of it. */
  readonly doubted: readonly number[]
  /**
   * Columns of mappings whose values may have been sent without the row knowing of it; null where
   * it may be any.
   */
  readonly unanswered: readonly number[] | null
  /** Guards that hold a membership of the user, as `removals=<id>`. */
  readonly frozen: readonly string[]
  /** Nothing of the records waits but what these guards hold. */
  readonly isFrozenOnly: boolean
  /**
   * Columns whose values were not counted when the records came, since they were not folded; null
   * where nothing was.
   */
  readonly uncounted: readonly number[] | null
}

/** A rejected record as JSON. */
export function encodeRejected({ text, mapping, source }: RejectedRecord): Json {
  return source === null ? { mapping, record: text } : { source, record: text }
}

/** Letters of older states hold the text alone. */
export function decodeRejected(payload: Json): RejectedRecord {
  if (typeof payload === 'string') return { text: payload, mapping: '', source: null }
  const { record, mapping, source } = isJsonObject(payload) ? payload : {}
  return {
    text: typeof record === 'string' ? record : '',
    mapping: typeof mapping === 'string' ? mapping : '',
    source: typeof source === 'string' ? source : null,
  }
}

/** A refused value as JSON. */
export function encodeRefused({ kind, mapping, value, time }: RefusedValue): Json {
  return { kind, mapping, value, time }
}

/** @throws {StateError} `STATE_UNREADABLE` for one that is not what was written */
export function decodeRefused(payload: Json): RefusedValue {
  const { kind, mapping, value, time } = isJsonObject(payload) ? payload : {}
  if (
    typeof kind !== 'string' ||
    typeof mapping !== 'string' ||
    typeof value !== 'string' ||
    typeof time !== 'number'
  ) {
    throw changed()
  }
  return { kind, mapping, value, time }
}

/** Records of a user who waits, as JSON. */
export function encodeDeferred(deferred: DeferredRecords): Json {
  const { records, doubted, unanswered, frozen, isFrozenOnly, uncounted } = deferred
  return {
    records,
    doubted,
    ...(unanswered !== null && { unanswered }),
    ...(frozen.length > 0 && { frozen }),
    ...(isFrozenOnly && { frozenOnly: true }),
    ...(uncounted !== null && { uncounted }),
  }
}

/**
 * Letters of older states say nothing of verdicts, nor which values had no answer, nor of guards,
 * nor whether anything else waits, nor what was counted.
 *
 * @throws {StateError} `STATE_UNREADABLE` for one that is not what was written
 */
export function decodeDeferred(payload: Json): DeferredRecords {
  const {
    records,
    doubted = [],
    unanswered = null,
    frozen = [],
    frozenOnly = false,
    uncounted = null,
  } = isJsonObject(payload) ? payload : {}
  if (!isListOf(records, isText) || !isListOf(doubted, isNumber)) throw changed()
  if (unanswered !== null && !isListOf(unanswered, isNumber)) throw changed()
  if (uncounted !== null && !isListOf(uncounted, isNumber)) throw changed()
  if (!isListOf(frozen, isText) || typeof frozenOnly !== 'boolean') throw changed()
  return { records, doubted, unanswered, frozen, isFrozenOnly: frozenOnly, uncounted }
}

function isListOf<T extends Json>(
  value: Json | undefined,
  isOne: (item: Json) => item is T,
): value is readonly T[] {
  return Array.isArray(value) && value.every((item: Json) => isOne(item))
}

const isText = (item: Json): item is string => typeof item === 'string'
const isNumber = (item: Json): item is number => typeof item === 'number'

function changed(): Error {
  return unreadable('a dead letter is no longer what was written')
}
