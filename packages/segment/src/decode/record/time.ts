import { own } from '@engage-sync/contract'
import type { DecodePlan, JsonObject } from '@engage-sync/contract'

/** A member of an event that holds a time. */
export type TimeField = DecodePlan['timeField']

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/u
const MINUTE_MS = 60_000
const ALL: readonly TimeField[] = ['timestamp', 'originalTimestamp', 'receivedAt']
/** The fields to try, in order, when the first is absent. */
export const TIME_FIELDS: Readonly<Record<TimeField, readonly TimeField[]>> = {
  timestamp: ALL,
  originalTimestamp: ['originalTimestamp', 'timestamp', 'receivedAt'],
  receivedAt: ['receivedAt', 'timestamp', 'originalTimestamp'],
}

/**
 * Milliseconds since the epoch of an ISO 8601 text with a zone, or null when it is none.
 *
 * Shape: `2026-01-05T10:00:00Z`, fractions up to nanoseconds (cut to milliseconds), `Z` or
 * `+02:00`.
 */
export function parseTime(text: string): number | null {
  const match = ISO.exec(text)
  if (match === null) return null
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((group) =>
    Number(match[group]),
  )
  if (hour > 23 || minute > 59 || second > 59) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null
  const millis = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const offsetMs = parseOffset(match[8])
  return offsetMs === null
    ? null
    : date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + millis - offsetMs
}

/**
 * Event time of a record: the field asked for or, when it is absent, the next best.
 *
 * Shape: milliseconds since the epoch; null when none is there or the first one there cannot be
 * read.
 */
export function readTime(record: JsonObject, field: TimeField): number | null {
  for (const name of TIME_FIELDS[field]) {
    const value = own(record, name) ?? null
    if (value !== null) return typeof value === 'string' ? parseTime(value) : null
  }
  return null
}

/** How far ahead a time may be: clocks go wrong by hours, typing mistakes by years. */
const MAX_AHEAD_MS = 24 * 60 * MINUTE_MS

/**
 * The latest event time that is believed. @param nowMs - when the reading is; undefined when any
 * time is taken
 */
export function latestTime(nowMs: number | undefined): number {
  return nowMs === undefined ? Infinity : nowMs + MAX_AHEAD_MS
}

/** When a record was received, if that is no later than the latest time; null otherwise. */
export function receivedTime(record: JsonObject, latestMs: number): number | null {
  const text = own(record, 'receivedAt')
  const time = typeof text === 'string' ? parseTime(text) : null
  return time !== null && time <= latestMs ? time : null
}

function parseOffset(text: string): number | null {
  if (text === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(4))
  if (hours > 15 || minutes > 59) return null
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * MINUTE_MS
}
