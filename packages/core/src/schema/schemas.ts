import { Cases } from './cases.ts'
import { Project } from './project.ts'
import { Sync } from './sync.ts'

/**
 * The one source of the configuration language: types, validators, editor schemas and option tables
 * come from here.
 */
export const SCHEMAS = { project: Project, sync: Sync, cases: Cases } as const
