/** A stretch of a configuration file. Lines and columns are 1-based; the end is exclusive. */
export interface SourceRange {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** Keys and indexes from the root of a file to a value. */
export type ConfigPath = readonly (string | number)[]
