import type { DecodePlan, DecodedRow } from '@engage-sync/contract'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A row as plain data, so that rows of different decoders can be compared. */
export interface PlainRow {
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly time: number
  readonly ids: readonly (string | null)[]
  readonly aliases: readonly (string | null)[]
  readonly values: Readonly<Record<string, string>>
  readonly unmapped: readonly string[]
}

/**
 * Copies a row before its decoder fills it anew. Identifiers and values count only where the row
 * has a user.
 */
export function plainRow(row: DecodedRow, plan: DecodePlan): PlainRow {
  const text = (start: number, end: number): string | null =>
    start < 0 ? null : decoder.decode(row.bytes.subarray(start, end))
  const hasUser = row.status === 'changes' || row.status === 'delete' || row.status === 'unmapped'
  const values = Array.from({ length: row.count }, (_, index): readonly [string, string] => {
    const { kind, key, path } = plan.keys[row.keyIndex[index]]
    return [
      `${row.keyIndex[index]} ${kind} ${[key, ...path].join('.')}`,
      text(row.valueStart[index], row.valueEnd[index])!,
    ]
  })
  return {
    status: row.status,
    reason: row.reason,
    message: row.message,
    time: hasUser ? row.time : 0,
    ids: hasUser
      ? [...row.externalIdStart].map((start, rule) => text(start, row.externalIdEnd[rule]))
      : [],
    aliases: hasUser
      ? [...row.aliasStart].map((start, rule) => text(start, row.aliasEnd[rule]))
      : [],
    values: Object.fromEntries(values.toSorted(([left], [right]) => (left < right ? -1 : 1))),
    unmapped: hasUser ? row.unmapped : [],
  }
}
