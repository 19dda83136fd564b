import type { DecodePlan, RowDecoder } from '@engage-sync/core'
import { ExactDecoder } from './exact-decoder.ts'

/**
 * A decoder of raw records for one plan.
 *
 * Shape: bytes of one record in, the decoder's one row out, filled anew by each call.
 */
export function createRowDecoder(plan: DecodePlan): RowDecoder {
  return new ExactDecoder(plan)
}
