import { Cases } from './cases.ts'
import { Project } from './project.ts'
import { Sync } from './sync.ts'

/** What a configuration file is. */
export type FileKind = 'project' | 'sync' | 'cases'

/** The one source of the configuration language: types, validator, editor schemas and option tables come from here. */
export const SCHEMAS = { project: Project, sync: Sync, cases: Cases } as const
