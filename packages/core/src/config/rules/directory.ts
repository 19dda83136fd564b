import type { Finding } from '../document/document.ts'
import { kindOfFile, PROJECT_FILE_NAME, syncNameOf } from '../document/file-kind.ts'
import type { Rule } from './rule.ts'

const SYNC_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/u

/** Files are named so that each sync has one name, and the project one file. */
export const checkFileNames: Rule = ({ documents }) => {
  const seen = new Map<string, string>()
  for (const document of documents) {
    const kind = kindOfFile(document.path)
    const name = kind === 'project' ? PROJECT_FILE_NAME : `${syncNameOf(document.path)} (${kind})`
    const before = seen.get(name.toLowerCase())
    seen.set(name.toLowerCase(), document.path)
    const problem = before === undefined ? nameProblem(kind, document.path) : twice(kind, before)
    if (problem !== null)
      document.report('CONFIG_FILE_NAME', document.toRange({ start: 0, end: 0 }), problem)
  }
}

/** A project syncs something. */
export const checkHasSyncs: Rule = ({ documents }) => {
  const project = documents.find(({ path }) => kindOfFile(path) === 'project')
  if (project === undefined || documents.some(({ path }) => kindOfFile(path) === 'sync')) return
  project.report('CONFIG_NO_SYNCS', project.toRange({ start: 0, end: 0 }), {
    message: 'there is no sync beside the project file',
    hint: 'Add a file such as `shoppers.yaml`.',
  })
}

function nameProblem(kind: string, path: string): Finding | null {
  const name = syncNameOf(path)
  if (kind === 'project' || SYNC_NAME.test(name)) return null
  return {
    message: `"${name}" is no name for a sync`,
    hint: 'Use letters, digits, `-`, `_` and `.`, with a letter or digit first.',
  }
}

function twice(kind: string, before: string): Finding {
  if (kind === 'project')
    return { message: `there is a project file already: ${before}`, hint: 'Keep one of them.' }
  return {
    message: `${before} has the same name`,
    hint: 'Rename or remove one of them: folders do not tell syncs apart, nor do upper and lower case everywhere.',
  }
}
