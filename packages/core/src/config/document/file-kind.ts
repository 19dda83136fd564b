import type { FileKind } from '../../schema/kinds.ts'

const PROJECT_FILE = /(^|\/)engage-sync\.ya?ml$/i

/** A configuration file: its path as shown in messages, and its text. */
export interface ConfigFile {
  readonly path: string
  readonly text: string
}

/** Name of the project file. */
export const PROJECT_FILE_NAME = 'engage-sync.yaml'

/** Whether a path is the project file. */
export function isProjectFile(path: string): boolean {
  return PROJECT_FILE.test(path)
}

/** What a file is, by its name. */
export function kindOfFile(path: string): FileKind {
  if (isProjectFile(path)) return 'project'
  return /\.cases\.ya?ml$/i.test(path) ? 'cases' : 'sync'
}

/** The sync a file holds, or tests: its name without directory and endings. */
export function syncNameOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/(\.cases)?\.ya?ml$/i, '')
}
