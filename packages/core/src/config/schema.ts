import { Cases } from './schema/cases.ts'
import { Project } from './schema/project.ts'
import { Sync } from './schema/sync.ts'

export * from './schema/cases.ts'
export * from './schema/filter.ts'
export * from './schema/mapping.ts'
export * from './schema/project.ts'
export * from './schema/source.ts'
export * from './schema/sync.ts'
export { CONFIG_VERSION } from './schema/terms.ts'

/** What a configuration file is. */
export type FileKind = 'project' | 'sync' | 'cases'

/** The one source of the configuration language: types, validator, editor schemas and option tables come from here. */
export const SCHEMAS = { project: Project, sync: Sync, cases: Cases } as const
