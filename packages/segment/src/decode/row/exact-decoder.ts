import { isUtf8 } from 'node:buffer'
import type { Change, DecodedRecord, DecodedRow, DecodePlan, Identifiers, IdentityRule, Json, RowDecoder } from '@engage-sync/core'
import { canonicalText, isJsonObject, own } from '@engage-sync/core'
import { decodeCall, objectOf, readCall, rejection, SKIP_CODES, unwrap } from '../record/index.ts'
import type { SegmentCall } from '../record/index.ts'
import { clearRow, createRow, endChanges, endSkipped, namesSomeone } from './row.ts'
import { Scratch } from './scratch.ts'
import { WantedKeys } from './wanted.ts'

type Values = Extract<DecodedRecord, { type: 'changes' }>

/**
 * Decodes rows by `JSON.parse` and `decodeRecord`: slow, exact, and what every other decoder is compared with.
 *
 * Shape: every span points into the decoder's own scratch.
 */
export class ExactDecoder implements RowDecoder {
  readonly #plan: DecodePlan
  readonly #row: DecodedRow
  readonly #scratch = new Scratch()
  readonly #wanted: WantedKeys
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: false })

  /** @param row - the row to fill; its own by default */
  constructor(plan: DecodePlan, row: DecodedRow = createRow(plan)) {
    this.#plan = plan
    this.#row = row
    this.#wanted = new WantedKeys(plan.keys)
  }

  decode(bytes: Uint8Array, start: number, end: number): DecodedRow {
    const row = this.#row
    clearRow(row)
    this.#scratch.clear()
    const call = this.#readCall(bytes.subarray(start, end))
    if ('code' in call) return this.#reject(call)
    const record = decodeCall(call, { keys: this.#plan.keys, timeField: this.#plan.timeField })
    this.#fill(record, call)
    row.bytes = this.#scratch.bytes
    return row
  }

  #readCall(line: Uint8Array): SegmentCall | ReturnType<typeof rejection> {
    if (!isUtf8(line)) return rejection('RECORD_INVALID_UTF8')
    let value: unknown
    try {
      value = JSON.parse(this.#utf8.decode(line))
    } catch {
      // The parser's own message quotes the text, which may hold personal data.
      return rejection('RECORD_NOT_JSON')
    }
    const events = unwrap(value)
    if (events.length > 1) return rejection('RECORD_IS_BATCH')
    return readCall(events[0]) ?? rejection('RECORD_NOT_EVENT')
  }

  #fill(record: DecodedRecord, call: SegmentCall): DecodedRow {
    switch (record.type) {
      case 'rejected':
        return this.#reject(record.rejection)
      case 'skipped':
        return endSkipped(this.#row, record.reason as keyof typeof SKIP_CODES)
      case 'delete':
        return this.#fillDelete(record, call)
      case 'changes':
        return this.#fillChanges(record, call)
    }
  }

  #reject({ code, message }: { code: string; message: string }): DecodedRow {
    this.#row.status = 'rejected'
    this.#row.reason = code
    this.#row.message = message
    return this.#row
  }

  #fillDelete(record: Extract<DecodedRecord, { type: 'delete' }>, call: SegmentCall): DecodedRow {
    this.#fillIdentities(record.identifiers, call)
    if (!namesSomeone(this.#row)) return endSkipped(this.#row, 'SKIPPED_NO_EXTERNAL_ID')
    this.#row.status = 'delete'
    this.#row.reason = 'SEGMENT_DELETE'
    this.#row.message = SKIP_CODES.SEGMENT_DELETE
    this.#row.time = record.time
    return this.#row
  }

  #fillChanges({ changes }: Values, call: SegmentCall): DecodedRow {
    const [first] = changes
    this.#row.time = first.time
    this.#fillIdentities(first.identifiers, call)
    const unmapped: string[] = []
    for (const change of changes) {
      const indexes = this.#wanted.of(change.kind, change.key)
      if (indexes !== undefined) this.#fillValues(indexes, change)
      else if (change.kind !== 'enrichment') unmapped.push(change.key)
    }
    if (unmapped.length > 0) this.#row.unmapped = unmapped
    return endChanges(this.#row, first.key)
  }

  #fillValues(indexes: readonly number[], change: Change): void {
    const row = this.#row
    for (const index of indexes) {
      if (this.#plan.only?.[index] === 0) continue
      const value = valueAt(change.value, this.#plan.keys[index].path)
      if (value === undefined) continue
      row.keyIndex[row.count] = index
      row.valueStart[row.count] = this.#scratch.length
      this.#scratch.append(canonicalText(value))
      row.valueEnd[row.count] = this.#scratch.length
      row.count++
    }
  }

  #fillIdentities(identifiers: Identifiers, call: SegmentCall): void {
    const row = this.#row
    this.#plan.identities.forEach((rule, number) => {
      const id = externalIdOf(rule, identifiers, call)
      if (id !== undefined) {
        row.externalIdStart[number] = this.#scratch.length
        this.#scratch.append(id)
        row.externalIdEnd[number] = this.#scratch.length
      }
      const alias = rule.alias === null ? undefined : identifiers[rule.alias.from]
      if (alias === undefined) return
      row.aliasStart[number] = this.#scratch.length
      this.#scratch.append(alias)
      row.aliasEnd[number] = this.#scratch.length
    })
  }
}

/** The value at a path of object members; undefined when a step is missing. A null on the way is a null. */
function valueAt(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const step of path) {
    if (found === null) return null
    if (!isJsonObject(found)) return undefined
    found = own(found, step)
  }
  return found
}

function externalIdOf(rule: IdentityRule, identifiers: Identifiers, call: SegmentCall): string | undefined {
  const from = rule.externalId
  if (from.from === 'externalIds') return identifiers.externalIds?.get(from.type)
  if (from.from !== 'traits') return identifiers[from.from]
  return traitText(call.body, from.path) ?? traitText(objectOf(call.context, 'traits'), from.path)
}

/** A trait that can name a user: a text, or a whole number. */
function traitText(traits: Json, path: readonly string[]): string | undefined {
  const value = valueAt(traits, path)
  if (typeof value === 'string') return value !== '' && value.isWellFormed() ? value : undefined
  return Number.isSafeInteger(value) ? String(value) : undefined
}
