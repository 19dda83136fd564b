import type { Json } from '@engage-sync/contract'
import type { Alias } from '../model/index.ts'
import { isObject, isText } from '../values/index.ts'

/** An external id as text; numbers are taken as their text. Null when there is none. */
export function externalIdOf(value: Json | undefined, isNumberAllowed: boolean): string | null {
  if (isText(value)) return value
  return typeof value === 'number' && isNumberAllowed ? String(value) : null
}

/** An alias of `{alias_name, alias_label}`; null when it is malformed. */
export function aliasOf(value: Json | undefined): Alias | null {
  if (!isObject(value) || !isText(value.alias_name) || !isText(value.alias_label)) return null
  return { label: value.alias_label, name: value.alias_name }
}
