import { isJsonObject } from '@engage-sync/contract'
import type { Json } from '@engage-sync/contract'
import type { ValueType } from '../values/value-type.ts'
import type { Comparand, OperatorRow } from './operators.ts'

/** Whether a JSON value is one of a row's types. Times are their ISO text. */
export function isOfRow(row: OperatorRow, value: Json): boolean {
  return row.types.some((type) => IS_OF_TYPE[type](value))
}

const isNumber = (value: Json) => typeof value === 'number'
const isText = (value: Json) => typeof value === 'string'
const IS_OF_TYPE: Readonly<Record<ValueType, (value: Json) => boolean>> = {
  string: isText,
  number: isNumber,
  integer: isNumber,
  boolean: (value) => typeof value === 'boolean',
  time: isText,
  array: (value) => Array.isArray(value),
  object: isJsonObject,
}

/** Whether something written in a configuration can be compared with by a row. */
export function fitsRow(row: OperatorRow, comparand: Comparand): boolean {
  return FITS[row.comparand](comparand)
}

const isTextComparand = (comparand: Comparand) => typeof comparand === 'string'
const isNumberComparand = (comparand: Comparand) => typeof comparand === 'number'
const FITS: Readonly<Record<OperatorRow['comparand'], (comparand: Comparand) => boolean>> = {
  text: isTextComparand,
  pattern: isTextComparand,
  instant: isTextComparand,
  number: isNumberComparand,
  days: isNumberComparand,
  boolean: (comparand) => typeof comparand === 'boolean',
  scalar: (comparand) => !Array.isArray(comparand),
  texts: (comparand) =>
    Array.isArray(comparand) && comparand.every((item) => typeof item === 'string'),
  numbers: (comparand) =>
    Array.isArray(comparand) && comparand.every((item) => typeof item === 'number'),
}
