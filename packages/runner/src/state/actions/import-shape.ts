import { PARTITIONS } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import * as is from '../../process/json-shape.ts'

/** Base64. A pattern for the whole of it would end the stack at some megabytes. */
const isBytes: is.JsonCheck = (value) =>
  typeof value === 'string' &&
  value.length % 4 === 0 &&
  !/[^A-Za-z0-9+/]/.test(value.replace(/={1,2}$/, ''))
const isPartition: is.JsonCheck = (value) =>
  is.isWhole(value) && Number(value) >= 0 && Number(value) < PARTITIONS
const isCount: is.JsonCheck = (value) => is.isWhole(value) && Number(value) >= 0

/** Lines of an export, by the member that tells what they hold. */
const LINES: Readonly<Record<string, is.JsonCheck>> = {
  snapshot: is.objectOf({ partition: isPartition, snapshot: isBytes }),
  piece: is.objectOf({ partition: isPartition, piece: isBytes, left: isCount }),
  delta: is.objectOf({ partition: isPartition, delta: isBytes }),
  mapping: is.objectOf({
    mapping: is.objectOf({
      id: is.isText,
      fingerprint: is.isText,
      bornAt: is.isWhole,
      readAs: is.orAbsent(is.isText),
      slots: is.mapOf(is.isWhole),
      slotBirths: is.orAbsent(is.mapOf(is.isWhole)),
      active: is.isTruth,
      about: is.isThere,
    }),
  }),
  source: is.objectOf({ source: is.isText, of: is.orAbsent(isPartition), position: is.isThere }),
  key: is.objectOf({ key: is.isText, value: is.isThere }),
  run: is.objectOf({
    run: is.objectOf({
      number: is.isWhole,
      startedAt: is.isText,
      finishedAt: is.orNull(is.isText),
      actor: is.orNull(is.isText),
      commit: is.orNull(is.isText),
      fingerprint: is.isText,
      status: is.isText,
      report: is.isThere,
    }),
  }),
  mark: is.objectOf({
    mark: is.objectOf({
      id: is.isText,
      run: is.isWhole,
      partition: is.orAbsent(isPartition),
      intent: is.isThere,
    }),
  }),
  letter: is.objectOf({
    letter: is.objectOf({
      id: is.orAbsent(is.isWhole),
      run: is.isWhole,
      at: is.isInstant,
      expiresAt: is.isInstant,
      sync: is.isText,
      code: is.isText,
      message: is.isText,
      stage: is.isText,
      place: is.isText,
      payload: is.isThere,
      subject: is.orNull(is.isObject),
    }),
  }),
}

/** What a line holds, or null for none of what an export has, or something in another form. */
export function kindOfLine(line: Readonly<Record<string, unknown>>): string | null {
  const kind = Object.keys(LINES).find((name) => name in line)
  return kind !== undefined && LINES[kind]?.(line as Json) === true ? kind : null
}

/** What the head of an export says of its state. */
export const isStateInfo = is.objectOf({
  format: is.isWhole,
  id: is.isText,
  environment: is.isText,
  workspace: is.isText,
  createdAt: is.isText,
})

/** How an export ends. */
export const isEnd = is.objectOf({ lines: is.isWhole, sha256: is.isText })
