import { parseSource, writeSource } from '@engage-sync/contract'
import type { SourceJson } from '@engage-sync/contract'
import { unwrap } from '../decode/record/index.ts'

/** Events of a body, each as one line, or why there are none. */
export type WebhookEvents =
  | { readonly ok: true; readonly records: readonly string[] }
  | {
      readonly ok: false
      readonly status: 400
      readonly code: 'WEBHOOK_NOT_JSON'
      readonly message: string
    }

/**
 * The events of a body, each as one record.
 *
 * Shape: one event, an array, or any wrapper `unwrap` knows; in order, none for an empty array.
 */
export function readWebhook(body: Uint8Array): WebhookEvents {
  try {
    const value = parseSource(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return { ok: true, records: unwrap(value).map((event) => writeSource(event as SourceJson)) }
  } catch {
    // The parser's message quotes the body, which holds personal data.
    return {
      ok: false,
      status: 400,
      code: 'WEBHOOK_NOT_JSON',
      message: 'Expected a JSON body in UTF-8.',
    }
  }
}
