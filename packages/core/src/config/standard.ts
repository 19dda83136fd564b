import type { ValueType } from './schema.ts'

const TYPES: ReadonlyMap<string, ValueType> = new Map()

/** Whether Braze keeps this name as a standard attribute. */
export function isStandardAttribute(name: string): boolean {
  return TYPES.has(name)
}

/** The value type of a standard attribute, or null for other names. */
export function standardType(name: string): ValueType | null {
  return TYPES.get(name) ?? null
}
