import { listSecrets } from '@engage-sync/core'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { failedBy, worthKnowing } from './finding.ts'
import type { Finding } from './finding.ts'

/**
 * The finding of secrets that are missing, with the lines that ask for them.
 *
 * @param error - why the environment cannot be opened whole
 * @param opened - it, opened as far as its secrets are known
 * @throws whatever is no error of ours
 */
export function missingSecrets(error: unknown, opened: OpenEnvironment): Finding {
  const places = opened.missing.flatMap((reference) =>
    placesOf(reference, opened).map((place) => `${place} asks for ${reference}.`),
  )
  const finding = failedBy('configuration', error)
  return { ...finding, hint: [...places, ...(finding.hint ?? '').split('\n')].join('\n') }
}

/** The missing secrets a part of an environment needs. A secret's own text is none. */
export function needsOf(part: unknown, { missing }: OpenEnvironment): readonly string[] {
  return missing.length === 0 ? [] : listSecrets(part).filter((one) => missing.includes(one))
}

/** That a part was not looked at; null where it needs no secret that is missing. */
export function notLookedAt(name: string, part: unknown, opened: OpenEnvironment): Finding | null {
  const needs = needsOf(part, opened)
  if (needs.length === 0) return null
  return worthKnowing(name, `Not looked at: it needs ${needs.join(', ')}`, 'Ask again with it.')
}

/** The lines of the environment, and of files without environments, that hold a reference. */
function placesOf(reference: string, { config, environment }: OpenEnvironment): readonly string[] {
  const { path, line: from } = environment.range
  const others = [...(config.project?.environments.values() ?? [])].map(({ range }) => range.line)
  const to = Math.min(...others.filter((line) => line > from), Infinity)
  return config.files.flatMap((file) =>
    file.text.split('\n').flatMap((text, index) => {
      const line = index + 1
      const isOurs = file.path !== path || (line >= from && line < to)
      return isOurs && text.includes(reference) ? [`${file.path}:${line}`] : []
    }),
  )
}
