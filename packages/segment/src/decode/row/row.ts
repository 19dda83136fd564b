import type { DecodePlan, DecodedRow } from '@engage-sync/contract'
import { SKIP_CODES } from '../record/index.ts'
import type { SkipCode } from '../record/index.ts'

const NO_BYTES = new Uint8Array(0)
const NO_KEYS: readonly string[] = []

/** The one row a decoder owns and fills for every record. */
export type Row = DecodedRow

/** A row with room for everything a plan can ask of one record. */
export function createRow(plan: DecodePlan): Row {
  const identities = plan.identities.length
  return {
    status: 'skipped',
    reason: '',
    message: '',
    time: 0,
    externalIdStart: new Int32Array(identities).fill(-1),
    externalIdEnd: new Int32Array(identities).fill(-1),
    aliasStart: new Int32Array(identities).fill(-1),
    aliasEnd: new Int32Array(identities).fill(-1),
    count: 0,
    keyIndex: new Int32Array(plan.keys.length),
    valueStart: new Int32Array(plan.keys.length),
    valueEnd: new Int32Array(plan.keys.length),
    bytes: NO_BYTES,
    unmapped: NO_KEYS,
  }
}

/** Empties a row before the next record. */
export function clearRow(row: Row): void {
  row.reason = ''
  row.message = ''
  row.time = 0
  row.count = 0
  row.unmapped = NO_KEYS
  // A loop, because fill() costs more than all the rest for the one or two identities there are.
  for (let rule = 0; rule < row.externalIdStart.length; rule++) {
    row.externalIdStart[rule] = -1
    row.aliasStart[rule] = -1
  }
}

/** Ends a row that says nothing, with its code. */
export function endSkipped(row: Row, reason: SkipCode): Row {
  row.status = 'skipped'
  row.reason = reason
  row.message = SKIP_CODES[reason]
  row.count = 0
  return row
}

/**
 * Ends a row whose values and identifiers are in: by whether someone is named and something is
 * wanted.
 */
export function endChanges(row: Row, computationKey: string): Row {
  if (!namesSomeone(row)) return endSkipped(row, 'SKIPPED_NO_EXTERNAL_ID')
  if (row.count > 0) {
    row.status = 'changes'
    return row
  }
  row.status = 'unmapped'
  row.reason = computationKey
  return row
}

/** Whether any identity rule found its identifier. */
export function namesSomeone(row: Row): boolean {
  for (let rule = 0; rule < row.externalIdStart.length; rule++) {
    if (row.externalIdStart[rule] >= 0 || row.aliasStart[rule] >= 0) return true
  }
  return false
}
