import {
  acceptResult,
  casesYaml,
  compileSync,
  draftCases,
  loadConfig,
  runCase,
  SyncError,
  withDigits,
} from '@engage-sync/core'
import type { CasesConfig, Json, NormalisedSync } from '@engage-sync/core'
import { EXIT } from '../process/exit.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { countOf } from '../output/text/numbers.ts'
import { loadDecoder } from '../adapters/registry.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import type { ReadConfig } from '../workspace/configuration/config-files.ts'
import { readEvents } from '../workspace/files/read-events.ts'

/** What to draft for. */
export interface DraftContext {
  readonly config: ReadConfig
  readonly syncs: readonly NormalisedSync[]
  readonly io: Io
}

/**
 * Prints a cases file drafted from real events, with the expectations that hold today.
 *
 * Shape: YAML alone on standard output; what was drafted, from how much, on standard error.
 *
 * @throws {SyncError} `SELECT_SEVERAL` when the events concern several syncs, `CASE_NO_EVENTS` when
 *   they concern none
 */
export async function printDrafts(
  file: string,
  { config, syncs, io }: DraftContext,
): Promise<ExitCode> {
  const { events: given, isCut } = await readEvents(file, io)
  const events = given.map(withDigits)
  const context = compileContext(config.project?.environment ?? null)
  const drafts = syncs
    .map((sync) => ({ sync, draft: draftCases(events, compileSync(sync, context)) }))
    .filter(({ draft }) => draft.cases.length > 0)
  const [only] = drafts
  if (only === undefined) throw noEvents(file, events)
  if (drafts.length > 1) throw severalSyncs(drafts.map(({ sync }) => sync.name))
  const complete = await withExpectations(only.draft, only.sync, config)
  io.stdout.write(casesYaml(complete))
  const cut = isCut ? ', the beginning of a larger file' : ''
  io.stderr.write(
    `${countOf(complete.cases.length, 'case')} of ${only.sync.name} drafted from ${countOf(events.length, 'record')}${cut}\n`,
  )
  return EXIT.done
}

/** Fills the expectations in by running the drafts, read back as any cases file is. */
async function withExpectations(
  draft: CasesConfig,
  sync: NormalisedSync,
  config: ReadConfig,
): Promise<CasesConfig> {
  const createDecoder = await loadDecoder()
  const compiled = compileSync(sync, compileContext(config.project?.environment ?? null))
  const others = config.files.filter(({ path }) => !path.endsWith('.cases.yaml'))
  const path = sync.path.replace(/\.ya?ml$/, '.cases.yaml')
  const cases = loadConfig([...others, { path, text: casesYaml(draft) }]).cases[0]?.cases ?? []
  const expectations = cases.map((testCase) =>
    acceptResult(testCase, runCase(testCase, { sync, compiled, createDecoder })),
  )
  return {
    ...draft,
    cases: draft.cases.map((each, index) => ({
      ...each,
      expect: expectations[index] ?? each.expect,
    })),
  } as CasesConfig
}

function noEvents(file: string, events: readonly Json[]): SyncError {
  return new SyncError(
    'CASE_NO_EVENTS',
    `None of the ${countOf(events.length, 'record')} in ${file} is an Engage event that a selected sync maps`,
    {
      hint: 'Records of Engage carry `context.personas`, and its `computation_key` must be a key of the sync.',
    },
  )
}

function severalSyncs(names: readonly string[]): SyncError {
  return new SyncError(
    'SELECT_SEVERAL',
    `The events concern ${names.length} syncs: ${names.join(', ')}`,
    {
      hint: `Draft for one at a time: --select ${names[0]}.`,
    },
  )
}
