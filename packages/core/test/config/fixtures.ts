import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnostic } from '../../src/config/document/diagnostics.ts'
import type { ConfigFile } from '../../src/config/document/file-kind.ts'

const ROOT = join(import.meta.dirname, '..', 'fixtures', 'config')
const BASE = { project: 'engage-sync.yaml', sync: 'shop.yaml' }

/** A configuration of the fixtures, with what must be found in it. */
export interface Fixture {
  readonly name: string
  readonly files: readonly ConfigFile[]
  readonly environment: string | undefined
  /** `file CODE line:column`, sorted as diagnostics are. */
  readonly expected: readonly string[]
}

/**
 * Reads all fixtures of a kind.
 *
 * Shape: a file is a sync, unless its name begins with `project-` or `cases-`; what it lacks comes from `base/`. A directory
 * is a whole configuration. `# expect: CODE line:column [file]` says what must be found, `# environment: NAME` for which
 * environment, `# pad: N` lengthens the file by N spaces.
 */
export function readFixtures(kind: 'valid' | 'invalid'): readonly Fixture[] {
  const directory = join(ROOT, kind)
  return readdirSync(directory)
    .sort()
    .map((name) => toFixture(name.replace(/\.yaml$/, ''), filesOf(directory, name)))
}

function filesOf(directory: string, name: string): readonly ConfigFile[] {
  const path = join(directory, name)
  if (statSync(path).isDirectory())
    return readdirSync(path).map((file) => ({
      path: file,
      text: readFileSync(join(path, file), 'utf8'),
    }))
  const own = { path: ownName(name), text: readFileSync(path, 'utf8') }
  const others = Object.values(BASE).filter((file) => file !== own.path)
  return [
    own,
    ...others.map((file) => ({ path: file, text: readFileSync(join(ROOT, 'base', file), 'utf8') })),
  ]
}

function ownName(name: string): string {
  if (name.startsWith('project-')) return BASE.project
  return name.startsWith('cases-') ? 'shop.cases.yaml' : BASE.sync
}

function toFixture(name: string, files: readonly ConfigFile[]): Fixture {
  const expected = files.flatMap(({ path, text }) =>
    [...text.matchAll(/^\uFEFF?# expect: (\S+) (\d+):(\d+)(?: (\S+))?\r?$/gm)].map(
      ([, code, line, column, file]) => ({
        file: file ?? path,
        code,
        line: Number(line),
        column: Number(column),
      }),
    ),
  )
  expected.sort((a, b) =>
    a.file < b.file
      ? -1
      : a.file > b.file
        ? 1
        : a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1),
  )
  return {
    name,
    files: files.map(({ path, text }) => ({
      path: `configs/${path}`,
      text: text + ' '.repeat(Number(/^# pad: (\d+)/m.exec(text)?.[1] ?? 0)),
    })),
    environment: files
      .map(({ text }) => /^# environment: (\S+)/m.exec(text)?.[1])
      .find((found) => found !== undefined),
    expected: expected.map(({ file, code, line, column }) => `${file} ${code} ${line}:${column}`),
  }
}

/** Diagnostics in the form fixtures expect them. */
export function foundIn(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(
    ({ path, code, line, column }) => `${path.replace('configs/', '')} ${code} ${line}:${column}`,
  )
}
