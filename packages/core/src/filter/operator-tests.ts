import type { Json } from '@engage-sync/contract'
import { readInstant } from '../values/cast.ts'
import { compilePattern } from './pattern/regex.ts'

/**
 * What a condition compares with, as the configuration gives it; instants are already milliseconds.
 */
export type Comparand = string | number | boolean | readonly (string | number | boolean)[]

/** Makes the verdict of present values of the right type, from what they are compared with. */
export type MakeTest = (comparand: Comparand) => (value: Json) => boolean

/** The value itself. */
export const isEqual: MakeTest = (comparand) => (value) => value === comparand

/** One of a list. */
export const isListed: MakeTest = (comparand) => {
  const values = new Set<Json>(comparand as readonly Json[])
  return (value) => values.has(value)
}

/** The text holds another one, case-sensitive. */
export const hasPart: MakeTest = (part) => (value) => (value as string).includes(part as string)

/** The array holds an element. */
export const hasElement: MakeTest = (element) => (value) =>
  (value as readonly Json[]).includes(element as Json)

/** A larger number. */
export const isAbove: MakeTest = (limit) => (value) => (value as number) > (limit as number)

/** A smaller number. */
export const isBelow: MakeTest = (limit) => (value) => (value as number) < (limit as number)

/** An earlier moment. */
export const isBefore: MakeTest = byInstant((left, right) => left < right)

/** A later moment. */
export const isAfter: MakeTest = byInstant((left, right) => left > right)

/** The pattern is found in the text. */
export const matchesText: MakeTest = (pattern) =>
  compilePattern(pattern as string) as (value: Json) => boolean

/** The pattern is found in an element that is a text. */
export const matchesElement: MakeTest = (pattern) => {
  const isMatch = compilePattern(pattern as string)
  return (value) =>
    (value as readonly Json[]).some((element) => typeof element === 'string' && isMatch(element))
}

/** Never: what hangs on the clock is told by the leaf itself. */
export const byClock: MakeTest = () => () => false

/** Blank or not, as asked, where only a missing value is blank. */
export const isMissing: MakeTest = (wanted) => () => wanted === false

/** Blank or not, as asked, where empty texts and arrays are blank, too. */
export const isEmpty: MakeTest = (wanted) => (value) =>
  ((value as string | readonly Json[]).length === 0) === wanted

/** The opposite of a test. */
export function not(make: MakeTest): MakeTest {
  return (comparand) => {
    const test = make(comparand)
    return (value) => !test(value)
  }
}

/** The opposite of a test, which empty texts and arrays never pass. */
export function notAndNotEmpty(make: MakeTest): MakeTest {
  return (comparand) => {
    const test = make(comparand)
    return (value) => (value as string | readonly Json[]).length > 0 && !test(value)
  }
}

function byInstant(compare: (left: number, right: number) => boolean): MakeTest {
  return (comparand) => (value) => {
    const instant = readInstant(value)
    return instant !== null && compare(instant, comparand as number)
  }
}
