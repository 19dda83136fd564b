import { canonicalText } from '@engage-sync/contract'
import type { DecodePlan, DecodedRow, RowDecoder } from '@engage-sync/contract'

/** One record of the tests: who, when, and values by kind and key. */
export interface TestRecord {
  readonly user?: string
  readonly alias?: string
  readonly at: number
  readonly trait?: Readonly<Record<string, unknown>>
  readonly audience?: Readonly<Record<string, unknown>>
}

/** Decodes `TestRecord`s; the plainest decoder that keeps the port's contract. */
export function createTestDecoder(plan: DecodePlan): RowDecoder {
  const encoder = new TextEncoder()
  const wanted = plan.keys.length
  const row: DecodedRow = {
    status: 'changes',
    reason: '',
    message: '',
    time: 0,
    externalIdStart: new Int32Array(plan.identities.length),
    externalIdEnd: new Int32Array(plan.identities.length),
    aliasStart: new Int32Array(plan.identities.length),
    aliasEnd: new Int32Array(plan.identities.length),
    count: 0,
    keyIndex: new Int32Array(wanted),
    valueStart: new Int32Array(wanted),
    valueEnd: new Int32Array(wanted),
    bytes: new Uint8Array(0),
    unmapped: [],
  }
  return {
    decode(bytes, start, end) {
      const record = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as TestRecord
      let text = ''
      const put = (part: string) => {
        const from = encoder.encode(text).length
        text += part
        return [from, encoder.encode(text).length] as const
      }
      const user = record.user === undefined ? ([-1, -1] as const) : put(record.user)
      const alias = record.alias === undefined ? ([-1, -1] as const) : put(record.alias)
      row.externalIdStart.fill(user[0])
      row.externalIdEnd.fill(user[1])
      plan.identities.forEach((rule, index) => {
        row.aliasStart[index] = rule.alias === null ? -1 : alias[0]
        row.aliasEnd[index] = rule.alias === null ? -1 : alias[1]
      })
      row.count = 0
      plan.keys.forEach(({ kind, key }, index) => {
        const values = kind === 'audience' ? record.audience : record.trait
        if (values === undefined || !Object.hasOwn(values, key)) return
        const [from, to] = put(canonicalText(values[key] as never))
        row.keyIndex[row.count] = index
        row.valueStart[row.count] = from
        row.valueEnd[row.count++] = to
      })
      row.status = row.count > 0 ? 'changes' : 'unmapped'
      row.time = record.at
      row.bytes = encoder.encode(text)
      return row
    },
  }
}
