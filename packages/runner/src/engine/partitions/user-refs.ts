import { ALIAS } from '@engage-sync/core'
import type { UserRef } from '@engage-sync/core'

/** The Braze user an identifier in the state stands for: an external id, or `label NUL name` of an alias. */
export function userRefOf(kind: number, text: string): UserRef {
  if (kind !== ALIAS) return { externalId: text }
  const split = text.indexOf('\u0000')
  return { alias: { label: text.slice(0, split), name: text.slice(split + 1) } }
}
