import type { ConfigDocument } from '../document.ts'
import type { LoadOptions } from '../load.ts'
import type { NormalisedCases, NormalisedEnvironment, NormalisedProject, NormalisedSync } from '../model.ts'
import type { CasesConfig, ProjectConfig, SyncConfig } from '../schema.ts'

/** The project file: as parsed, as written, in long form. */
export interface LoadedProject {
  readonly document: ConfigDocument
  readonly config: ProjectConfig
  readonly project: NormalisedProject
}

/** A sync file: as parsed, as written, in long form. */
export interface LoadedSync {
  readonly document: ConfigDocument
  readonly config: SyncConfig
  readonly sync: NormalisedSync
}

/** A cases file: as parsed, as written, in long form. */
export interface LoadedCases {
  readonly document: ConfigDocument
  readonly config: CasesConfig
  readonly cases: NormalisedCases
}

/** Everything a rule may look at. */
export interface RuleContext {
  readonly documents: readonly ConfigDocument[]
  readonly project: LoadedProject | null
  readonly environment: NormalisedEnvironment | null
  readonly syncs: readonly LoadedSync[]
  readonly cases: readonly LoadedCases[]
  readonly options: LoadOptions
}

/** A named check; reports to the documents it concerns. */
export type Rule = (context: RuleContext) => void
