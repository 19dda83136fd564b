import { isJsonObject, parseSource } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'

/**
 * A trait value from the text Profiles Sync stores.
 *
 * Shape: `true`, `false`, objects, arrays and quoted texts as JSON; a number only when its text is
 * exactly how JSON writes it, so that `007`, `1.10` and long ids stay texts; everything else as it
 * is. Values of JSON columns pass through.
 */
export function readTraitValue(value: unknown): Json {
  if (typeof value !== 'string') return value === undefined ? null : (value as Json)
  if (value === 'true') return true
  if (value === 'false') return false
  if (value !== '' && String(Number(value)) === value && Number.isFinite(Number(value)))
    return Number(value)
  return parseStructure(value) ?? value
}

function parseStructure(text: string): Json | null {
  if (!/^[[{"]/u.test(text)) return null
  try {
    const parsed = parseSource(text) as Json
    return typeof parsed === 'string' || Array.isArray(parsed) || isJsonObject(parsed)
      ? parsed
      : null
  } catch {
    return null
  }
}
