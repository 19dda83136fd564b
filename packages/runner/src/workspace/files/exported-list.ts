import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Option } from 'commander'
import { SyncError } from '@engage-sync/core'
import type { ExportedList } from '@engage-sync/core'

/** Which list of users is read instead of asking for them one by one. */
export interface ExportedFlags {
  /** Of Braze. */
  readonly segment?: string
  /** An archive of an export that was made before, or a directory of them. */
  readonly exported?: string
}

/** `--segment` and `--exported`. */
export function exportedOptions(): readonly [Option, Option] {
  return [
    new Option(
      '--segment <id>',
      'have Braze export this segment, instead of asking for 50 users at a time',
    ).conflicts('exported'),
    new Option(
      '--exported <path>',
      'read such an export that was made before: an archive, or a directory of them',
    ),
  ]
}

const EXPORTED = /\.(?:zip|json|ndjson|txt)$/

/**
 * The list the command line names, or null.
 *
 * @throws {SyncError} `USAGE_EXPORTED` where there is no file of an export
 */
export function exportedList(
  { segment, exported }: ExportedFlags,
  cwd: string,
): ExportedList | null {
  if (segment !== undefined) return { segment }
  if (exported === undefined) return null
  const path = resolve(cwd, exported)
  if (existsSync(path) && !statSync(path).isDirectory()) return { files: [path] }
  const names = existsSync(path)
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => EXPORTED.test(name))
    : []
  if (names.length > 0) return { files: names.sort().map((name) => join(path, name)) }
  throw new SyncError('USAGE_EXPORTED', `${exported} holds no export of a segment`, {
    hint: 'Name an archive that Braze wrote (….zip), or the directory they were copied to.',
  })
}
