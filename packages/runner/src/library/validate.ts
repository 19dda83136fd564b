import type { Diagnostic } from '@engage-sync/core'
import { checkEnvironments } from '../workspace/configuration/check-environments.ts'
import { openProject, PROJECT_OPTIONS } from './project.ts'
import type { ProjectOptions } from './project.ts'

/** What a configuration's check found. */
export interface Validation {
  /** No diagnostic is an error. */
  readonly isValid: boolean
  /** Every mistake, with file, line, column, code and hint; warnings too. */
  readonly diagnostics: readonly Diagnostic[]
  /** The environments it was checked against. */
  readonly environments: readonly string[]
}

/**
 * Every mistake of a configuration, offline and without secrets, as `engage-sync validate` finds
 * them: against one environment, or all of the project where none is named.
 *
 * @throws {SyncError} `USAGE_OPTION`, or `CONFIG_…` where no configuration is found
 */
export function validate(options: ProjectOptions): Validation {
  const { io, flags } = openProject(options, PROJECT_OPTIONS)
  const { environment = null } = options
  const { diagnostics, environments } = checkEnvironments({
    configs: flags.configs,
    cwd: io.cwd,
    environment,
  })
  return {
    isValid: !diagnostics.some(({ severity }) => severity === 'error'),
    diagnostics,
    environments,
  }
}
