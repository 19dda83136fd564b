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
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    if (isOneEvent(text)) return { ok: true, records: [text] }
    const records = unwrap(parseSource(text)).map((event) => writeSource(event as SourceJson))
    return { ok: true, records }
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

const LINE_END = /[\n\r]/

/**
 * Whether a body is one event on one line, as Segment sends it: then it is its own record, and only
 * looked at. Whoever reads it keeps its digits.
 */
function isOneEvent(text: string): boolean {
  if (!text.startsWith('{') || LINE_END.test(text)) return false
  const value: unknown = JSON.parse(text)
  const [only, ...others] = unwrap(value)
  return others.length === 0 && only === value
}
