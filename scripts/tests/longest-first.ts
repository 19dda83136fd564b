import { matchesGlob } from 'node:path'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'
import { LONG_FILES } from './long-files.ts'

/**
 * Begins with the longest files, so that no worker is left with one at the end. In a fresh checkout
 * nobody knows how long they take.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return LONG_FILES.some((pattern) => matchesGlob(moduleId, pattern))
}
