import { isProjectFile } from './mask.ts'
import type { FileKind } from './schema.ts'

/** What a file is, by its name. */
export function kindOfFile(path: string): FileKind {
  if (isProjectFile(path)) return 'project'
  return /\.cases\.ya?ml$/.test(path) ? 'cases' : 'sync'
}

/** The sync a file holds, or tests: its name without directory and endings. */
export function syncNameOf(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/(\.cases)?\.ya?ml$/, '')
}
