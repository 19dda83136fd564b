import type { Json, Rejection } from '@engage-sync/contract'
import type { CastCode } from './codes.ts'

/** A value as the destination takes it, or why it cannot be. */
export type EncodeResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly rejection: Rejection }

/** A value the destination can take, whatever it is. */
export function accept(value: Json): EncodeResult {
  return { ok: true, value }
}

/** A value that cannot be sent, and why; the message names types and limits, never the value. */
export function reject(code: CastCode, message: string): EncodeResult {
  return { ok: false, rejection: { code, message } }
}
