import { join } from 'node:path'
import type { EventLog, NormalisedEnvironment, SourcePosition } from '@engage-sync/core'
import { fromItsBeginning } from './former-log.ts'
import { openLog } from './open-log.ts'
import { usedLog } from './used-log.ts'

/** What was erased from the logs of an environment. */
export interface ErasedInLogs {
  readonly records: number
  /** Those that stay for now, since they share messages with others that are not worked on yet. */
  readonly left: number
  /** Names of sources whose logs cannot erase. */
  readonly kept: readonly string[]
}

/** Whose logs they are. */
export interface Logs {
  /** With its secrets. */
  readonly environment: NormalisedEnvironment
  readonly directory: string
  /** Up to where all that was read of a source is committed; null for nothing. */
  readonly worked: (source: string, log: EventLog) => Promise<SourcePosition | null>
}

/**
 * Erases from all that was received what names a user: also from files and tables of sources, and of a
 * `serve.log`, that were given up.
 *
 * @param user - an external id, or `label:name` of an alias
 */
export async function forgetInLogs(
  { environment, directory, worked }: Logs,
  user: string,
): Promise<ErasedInLogs> {
  const { eraseFromSpools } = await import('@engage-sync/segment')
  const ids = [...new Set([user, user.slice(user.indexOf(':') + 1)])]
  let records = await eraseFromSpools(join(directory, 'spool'), ids)
  records += await eraseFromTables({ environment, directory }, ids)
  let left = 0
  const kept: string[] = []
  const webhooks = [...environment.sources].filter(([, config]) => 'webhook' in config)
  const { log } = environment.serve
  const isDone = log === 'spool' || 'postgres' in log
  for (const [name, config] of isDone ? [] : webhooks) {
    const used = usedLog(name, config, environment) ?? { kind: 'spool' }
    const events = fromItsBeginning(await openLog(environment, { name, directory }), used)
    try {
      const erasure = await events.erase?.(ids, await worked(name, events))
      if (erasure === undefined || erasure === null) kept.push(name)
      else {
        records += erasure.erased
        left += erasure.left
      }
    } finally {
      await events.close()
    }
  }
  return { records, left, kept }
}

/** The tables beside a state in PostgreSQL hold all sources; none is no mistake. */
async function eraseFromTables(
  { environment, directory }: Pick<Logs, 'environment' | 'directory'>,
  ids: readonly string[],
): Promise<number> {
  const { state, serve } = environment
  if (state.url === null) return 0
  const log = { postgres: { retentionMs: Infinity } }
  const tables = await openLog({ serve: { ...serve, log }, state }, { name: '', directory })
  try {
    return (await tables.erase?.(ids, null))?.erased ?? 0
  } finally {
    await tables.close()
  }
}
