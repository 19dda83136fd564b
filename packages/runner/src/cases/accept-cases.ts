import { rewriteExpectations } from '@engage-sync/core'
import { replaceFile } from '../workspace/files/replace-file.ts'
import type { ReadConfig } from '../workspace/configuration/config-files.ts'
import { holds } from './run-cases.ts'
import type { SyncOutcome } from './run-cases.ts'

/**
 * Writes what came into the files of cases that do not hold. Returns how many cases each file got,
 * by its path.
 */
export function acceptCases(
  config: ReadConfig,
  outcomes: readonly SyncOutcome[],
  cwd: string,
): ReadonlyMap<string, number> {
  const written = new Map<string, number>()
  for (const { path, cases } of outcomes) {
    const accepted = new Map(
      cases.filter((each) => !holds(each)).map((each) => [each.index, each.accepted]),
    )
    const file = config.files.find((each) => each.path === path)
    if (file === undefined || accepted.size === 0) continue
    replaceFile(file.path, rewriteExpectations(file.text, accepted), cwd)
    written.set(file.path, accepted.size)
  }
  return written
}
