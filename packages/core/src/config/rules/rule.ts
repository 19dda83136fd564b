import type { NormalisedCases } from '../../model/case.ts'
import type { NormalisedEnvironment, NormalisedProject } from '../../model/environment.ts'
import type { NormalisedSync } from '../../model/sync.ts'
import type { CasesConfig } from '../../schema/cases.ts'
import type { ProjectConfig } from '../../schema/project.ts'
import type { SyncConfig } from '../../schema/sync.ts'
import type { ConfigDocument } from '../document/document.ts'

/** What to load the configuration for. */
export interface LoadOptions {
  /** Environment to check against. Default: `local`, or the only one there is. */
  readonly environment?: string
  /** Check against all other environments of the project too. Default: false. */
  readonly everyEnvironment?: boolean
}

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
