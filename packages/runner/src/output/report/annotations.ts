import type { GuardStop, Report, SourceRange } from '@engage-sync/core'
import type { Annotation } from '../formats/github.ts'
import type { EndOfRun } from './end.ts'
import { isBookkeeping } from './lines.ts'

/** Where mappings and segments stand, by their id. */
type Places = ReadonlyMap<string, SourceRange>

/** The cause of a run's end as annotations: one for each guard, at the mapping it watches, or one for the error. */
export function causeAnnotations(
  { error, guards }: EndOfRun,
  places: Places,
): readonly Annotation[] {
  if (error === null) return []
  const { code, message, hint, place } = error
  if (guards.length > 0) return guardAnnotations(guards, places)
  const level = code === 'INTERRUPTED' ? 'notice' : 'error'
  return [
    {
      level,
      title: code,
      message: hint === null ? message : `${message}\n${hint}`,
      ...placeInFile(place),
    },
  ]
}

/** Guards that stop a run, or would, each at the mapping it watches. */
export function guardAnnotations(
  guards: readonly Pick<GuardStop, 'subject' | 'message' | 'allow'>[],
  places: Places,
): readonly Annotation[] {
  return guards.map(({ subject, message, allow }) => ({
    level: 'error' as const,
    title: 'GUARD_STOPPED',
    message: `${message}\nIf that is meant: --allow ${allow}`,
    ...placed(places.get(subject ?? '')),
  }))
}

/** What was rejected, or needs a look, as annotations: at its mapping, where one is the cause. Bookkeeping is none. */
export function reasonAnnotations(
  reasons: Report['reasons'],
  places: Places,
): readonly Annotation[] {
  return reasons
    .filter(({ code }) => !isBookkeeping(code))
    .map(({ code, count, example }) => ({
      level: 'warning' as const,
      title: code,
      message: `${count} × ${example}`,
      ...placed(places.get(mappingOf(example))),
    }))
}

/** The mapping an example begins with, as `<id>: …`. */
function mappingOf(example: string): string {
  const [id = example] = example.split(': ', 1)
  return id
}

function placed(range: SourceRange | undefined): Pick<Annotation, 'path' | 'line' | 'column'> {
  return range === undefined ? {} : { path: range.path, line: range.line, column: range.column }
}

/** `file:line:column` of the configuration; other places are no files of the repository. */
function placeInFile(place: string | null): Pick<Annotation, 'path' | 'line' | 'column'> {
  const [, path, line, column] = /^(.+\.ya?ml):(\d+):(\d+)$/.exec(place ?? '') ?? []
  return path === undefined ? {} : { path, line: Number(line), column: Number(column) }
}
