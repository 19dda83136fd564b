import {
  acceptResult,
  compareCase,
  compileSync,
  isSingleUser,
  measureCoverage,
  runCase,
} from '@engage-sync/core'
import type {
  AcceptedExpectation,
  CaseDifference,
  CompiledSync,
  Coverage,
  NormalisedCase,
  NormalisedSync,
} from '@engage-sync/core'
import { loadDecoder } from '../adapters/registry.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import type { ReadConfig } from '../workspace/configuration/config-files.ts'

/** How one case ended. */
export interface CaseOutcome {
  readonly testCase: NormalisedCase
  /** Its place in the file, from 0. */
  readonly index: number
  /** Empty when the case holds. */
  readonly differences: readonly CaseDifference[]
  /** Whether the differences are of several users. */
  readonly showUser: boolean
  /** The expectation that would hold. */
  readonly accepted: AcceptedExpectation
  readonly seconds: number
}

/** The cases of one sync, run. */
export interface SyncOutcome {
  readonly sync: string
  /** The cases file; null when the sync has none. */
  readonly path: string | null
  readonly cases: readonly CaseOutcome[]
  readonly coverage: Coverage
}

/**
 * Runs the cases of syncs, offline, in the order of the files. @param now - a clock, in
 * milliseconds
 */
export async function runCases(
  config: ReadConfig,
  syncs: readonly NormalisedSync[],
  now: () => number,
): Promise<readonly SyncOutcome[]> {
  const createDecoder = await loadDecoder()
  const context = compileContext(config.project?.environment ?? null)
  return syncs.map((sync) => {
    const compiled = compileSync(sync, context)
    const files = config.cases.filter((each) => each.sync === sync.name)
    const runs = files
      .flatMap(({ cases }) => cases)
      .map((testCase, index) => runOne(testCase, index, { sync, compiled, createDecoder, now }))
    const outcomes = runs.map(({ outcome }) => outcome)
    return {
      sync: sync.name,
      path: files[0]?.path ?? null,
      cases: outcomes,
      coverage: measureCoverage(compiled, runs),
    }
  })
}

interface Running {
  readonly sync: NormalisedSync
  readonly compiled: CompiledSync
  readonly createDecoder: Awaited<ReturnType<typeof loadDecoder>>
  readonly now: () => number
}

function runOne(testCase: NormalisedCase, index: number, { now, ...context }: Running) {
  const startedAt = now()
  const result = runCase(testCase, context)
  const outcome: CaseOutcome = {
    testCase,
    index,
    differences: compareCase(testCase, result),
    showUser: !isSingleUser(testCase),
    accepted: acceptResult(testCase, result),
    seconds: (now() - startedAt) / 1000,
  }
  return { testCase, result, outcome }
}

/** Whether a case holds. */
export function holds({ differences }: CaseOutcome): boolean {
  return differences.length === 0
}
