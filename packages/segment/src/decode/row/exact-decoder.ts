import { isUtf8 } from 'node:buffer'
import { isJsonObject, own, parseSource, sourceText } from '@engage-sync/contract'
import type {
  Change,
  DecodePlan,
  DecodedRecord,
  DecodedRow,
  Identifiers,
  IdentityRule,
  Json,
  RowDecoder,
} from '@engage-sync/contract'
import {
  decodeCall,
  idOf,
  objectOf,
  readCall,
  rejection,
  SKIP_CODES,
  unwrap,
} from '../record/index.ts'
import type { SegmentCall, SkipCode } from '../record/index.ts'
import { clearRow, createRow, endChanges, endSkipped, namesSomeone } from './row.ts'
import { Scratch } from './scratch.ts'
import { WantedKeys } from './wanted.ts'

type Values = Extract<DecodedRecord, { type: 'changes' }>

/**
 * Decodes rows by `JSON.parse` and `decodeRecord`: slow, exact, and what every other decoder is
 * compared with.
 *
 * Shape: every span points into the decoder's own scratch.
 */
export class ExactDecoder implements RowDecoder {
  #plan: DecodePlan
  readonly #row: DecodedRow
  readonly #scratch = new Scratch()
  readonly #wanted: WantedKeys
  /** An identifier of the record at hand is one that is nobody. */
  #isRefused = false
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
    const record = decodeCall(call, this.#plan)
    this.#fill(record, call)
    row.bytes = this.#scratch.bytes
    return row
  }

  redate(nowMs: number | undefined): void {
    const { nowMs: _, ...plan } = this.#plan
    this.#plan = nowMs === undefined ? plan : { ...plan, nowMs }
  }

  #readCall(line: Uint8Array): SegmentCall | ReturnType<typeof rejection> {
    if (!isUtf8(line)) return rejection('RECORD_INVALID_UTF8')
    let value: unknown
    try {
      value = parseSource(this.#utf8.decode(line))
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
    if (!namesSomeone(this.#row)) return endSkipped(this.#row, this.#nobody)
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
    if (!namesSomeone(this.#row)) return endSkipped(this.#row, this.#nobody)
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
      this.#scratch.append(sourceText(value))
      row.valueEnd[row.count] = this.#scratch.length
      row.count++
    }
  }

  #fillIdentities(identifiers: Identifiers, call: SegmentCall): void {
    const row = this.#row
    this.#isRefused = false
    this.#plan.identities.forEach((rule, number) => {
      const id = this.#idOf(rule, externalIdOf(rule, identifiers, call), true)
      if (id !== undefined) {
        row.externalIdStart[number] = this.#scratch.length
        this.#scratch.append(id)
        row.externalIdEnd[number] = this.#scratch.length
      }
      const { alias } = rule
      const aliasId =
        alias === null
          ? undefined
          : this.#idOf(rule, identifiers[alias.from], alias.from === 'email')
      if (aliasId === undefined) return
      row.aliasStart[number] = this.#scratch.length
      this.#scratch.append(aliasId)
      row.aliasEnd[number] = this.#scratch.length
    })
  }

  /** An identifier as the rule takes it; undefined for none, and for one that it says is nobody. */
  #idOf(
    { lowerCase, refuse }: IdentityRule,
    found: string | undefined,
    mayBeAddress: boolean,
  ): string | undefined {
    const id = lowerCase === true && mayBeAddress ? found?.toLowerCase() : found
    if (id === undefined || refuse?.includes(id) !== true) return id
    this.#isRefused = true
    return undefined
  }

  /** Why a record whose identifiers are in names nobody. */
  get #nobody(): SkipCode {
    return this.#isRefused ? 'SKIPPED_REFUSED_ID' : 'SKIPPED_NO_EXTERNAL_ID'
  }
}

/**
 * The value at a path of object members; undefined when a step is missing. A null on the way is a
 * null.
 */
function valueAt(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const step of path) {
    if (found === null) return null
    if (!isJsonObject(found)) return undefined
    found = own(found, step)
  }
  return found
}

function externalIdOf(
  rule: IdentityRule,
  identifiers: Identifiers,
  call: SegmentCall,
): string | undefined {
  const from = rule.externalId
  if (from.from === 'externalIds') return identifiers.externalIds?.get(from.type)
  if (from.from !== 'traits') return identifiers[from.from]
  return (
    idOf(valueAt(call.body, from.path)) ??
    idOf(valueAt(objectOf(call.context, 'traits'), from.path))
  )
}
