import { matchesGlob } from 'node:path'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'
import { LONG_FILES, SLOW_FILES } from './long-files.ts'

/**
 * Begins with the longest files, so that no worker is left with one at the end. In a fresh checkout
 * nobody knows how long they take.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other))
  }
}

/** By how long a file takes, from the longest. */
function rankOf({ moduleId }: TestSpecification): number {
  const isOf = (patterns: readonly string[]) =>
    patterns.some((pattern) => matchesGlob(moduleId, pattern))
  if (isOf(LONG_FILES)) return 0
  return isOf(SLOW_FILES) ? 1 : 2
}
