import type { Diagnostic, NormalisedSync } from '@engage-sync/core'
import type { Io } from '../process/io.ts'
import type { ReadConfig } from '../workspace/configuration/config-files.ts'

/** What Segment and Braze say about a configuration. */
export interface OnlineFindings {
  readonly diagnostics: readonly Diagnostic[]
  /** What Segment says of each mapping, by its id. */
  readonly remarks: ReadonlyMap<string, readonly string[]>
}

/** What to ask about. */
export interface OnlineContext {
  readonly config: ReadConfig
  readonly syncs: readonly NormalisedSync[]
  readonly io: Io
}
