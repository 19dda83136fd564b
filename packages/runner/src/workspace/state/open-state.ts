import { join } from 'node:path'
import type { NormalisedEnvironment, StateStore } from '@engage-sync/core'
import { StateError, unreadable } from '../../state/format/errors.ts'
import type { StateAccess, StateExpectation } from '../../state/format/identity.ts'
import { readPostgresUrl } from '../../state/postgres/connection/index.ts'
import { openSqlite } from '../../state/sqlite/open-sqlite.ts'
import { environmentDirectory, keepOutOfGit } from '../environment/directory.ts'
import { fingerprintWorkspace } from './workspace-fingerprint.ts'
import { unfinishedImport } from '../../state/values/values.ts'

/** The environment whose state a run may make by itself: nothing in it leaves this machine. */
const LOCAL = 'local'

/** Which state to open, and how. */
export interface OpenStateOptions {
  /** With its secrets resolved. */
  readonly environment: NormalisedEnvironment
  /** Absolute; the parent of the configuration directory. */
  readonly root: string
  /** Whether a missing state is made: only in `local`, always, or never. */
  readonly create: 'if-local' | 'always' | 'never'
  /**
   * The workspace is the same, its key was replaced: the state takes the new fingerprint, or is read
   * as it is. Default false.
   */
  readonly rebind?: boolean
  /** Default: `write`. */
  readonly access?: StateAccess
  /** Milliseconds since the epoch. Default: the clock of this machine. */
  readonly now?: () => number
}

/** Whose state, for those who open it in one way alone. */
export type StatePlace = Omit<OpenStateOptions, 'create' | 'rebind' | 'access'>

/** Where the state of an environment is, for messages: a path, or host and database; no secrets. */
export function placeOfState({
  environment,
  root,
}: Pick<OpenStateOptions, 'environment' | 'root'>): string {
  const { url } = environment.state
  return url === null
    ? join(environmentDirectory(root, environment.name), 'state.sqlite')
    : readPostgresUrl(url).shown
}

/**
 * Opens the state of an environment.
 *
 * @throws {SyncError} see `StateStore`; `CONFIG_STATE_URL` for a URL that is not PostgreSQL's
 */
export async function openState(options: OpenStateOptions): Promise<StateStore> {
  const { environment, create } = options
  const expected = {
    environment: environment.name,
    workspace: fingerprintWorkspace(environment.braze),
    create: create === 'always' || (create === 'if-local' && environment.name === LOCAL),
    rebind: options.rebind ?? false,
    access: options.access ?? 'write',
  }
  const store = await openStore(options, expected)
  if (!(await unfinishedImport.read(store))) return store
  await store.close()
  throw unreadable('an import into it did not finish')
}

async function openStore(
  options: OpenStateOptions,
  expected: StateExpectation,
): Promise<StateStore> {
  const { name, state } = options.environment
  try {
    return state.url === null ? openFile(options, expected) : await openServer(state.url, expected)
  } catch (error) {
    throw name === LOCAL ? withLocalHint(error) : error
  }
}

/** What is not there is made by the first run, and nothing is lost. */
function withLocalHint(error: unknown): unknown {
  if (!(error instanceof StateError) || error.code !== 'STATE_NOT_INITIALISED') return error
  const hint = 'Nothing ran in this environment yet: `engage-sync run` makes it.'
  return new StateError(error.code, error.message, { hint })
}

function openFile(options: OpenStateOptions, expected: StateExpectation): StateStore {
  if (expected.create) keepOutOfGit(options.root)
  return openSqlite({ ...expected, path: placeOfState(options), now: options.now ?? Date.now })
}

/** The driver is loaded by those who need it. */
async function openServer(url: string, expected: StateExpectation): Promise<StateStore> {
  const { openPostgres } = await import('../../state/postgres/open-postgres.ts')
  return await openPostgres({ ...expected, url })
}
