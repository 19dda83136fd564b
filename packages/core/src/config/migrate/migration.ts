import type { Document } from 'yaml'
import type { FileKind } from '../../schema/kinds.ts'

/** One step from a version of the language to the next. */
export interface Migration {
  readonly from: number
  /** Rewrites a document in place, comments kept; lists what it did, in words. */
  readonly rewrite: (document: Document, kind: FileKind) => readonly string[]
}
