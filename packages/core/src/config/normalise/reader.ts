import type { ConfigPath, SourceRange } from '../../model/source-range.ts'
import type { ConfigDocument, Part } from '../document/document.ts'

/** Gives the ranges of one file's values. */
export interface Ranges {
  readonly document: ConfigDocument
  readonly rangeOf: (path: ConfigPath, part?: Part) => SourceRange
}

/** Ranges of a document. */
export function rangesOf(document: ConfigDocument): Ranges {
  return { document, rangeOf: (path, part) => document.rangeOf(path, part) }
}

/** Members of an object of the configuration in the order of the file; none when absent. */
export function entriesOf<T>(
  object: Readonly<Record<string, T>> | undefined,
): readonly (readonly [string, T])[] {
  return object === undefined ? [] : Object.entries(object)
}

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a duration such as `5s`; the schema has checked its form. */
export function durationMs(text: string): number {
  const unit = (/[a-z]+$/.exec(text)?.[0] ?? 'ms') as keyof typeof UNITS_MS
  return Math.round(Number.parseFloat(text) * UNITS_MS[unit])
}

/** The fraction of a percentage such as `20%`; the schema has checked its form. */
export function fraction(text: string): number {
  return Number.parseFloat(text) / 100
}
