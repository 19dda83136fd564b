import type { DecodePlan, RowDecoder } from '@engage-sync/contract'
import { HotDecoder } from './hot-decoder.ts'

/**
 * A decoder of raw records for one plan.
 *
 * Shape: bytes of one record in, the decoder's one row out, filled anew by each call. Plain records
 * are read straight from their bytes, all others by `JSON.parse`; both say the same.
 */
export function createRowDecoder(plan: DecodePlan): RowDecoder {
  return new HotDecoder(plan)
}
