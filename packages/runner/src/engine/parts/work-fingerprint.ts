import { fingerprintOf } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import { programVersion } from '../../process/program-version.ts'
import type { EngineOptions } from '../request/index.ts'

/** A fingerprint of all that the parts of a run must agree on. */
export function fingerprintOfWork({
  syncs,
  kind,
  expect = null,
  onDelete = new Map(),
  onUnknown,
  keepValues = false,
  deadLetterDays,
}: EngineOptions): string {
  const { onlyUsers, prepares, ...answers } = kind
  const { onlyMappings, ...prepared } = prepares
  return fingerprintOf([
    programVersion(),
    syncs.map(({ name, fingerprint }) => [name, fingerprint]),
    answers as unknown as Json,
    prepared,
    onlyUsers === null ? null : [...onlyUsers].toSorted(),
    onlyMappings === null ? null : [...onlyMappings].toSorted(),
    expect as unknown as Json,
    [...onDelete].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [onUnknown, keepValues, deadLetterDays],
  ])
}
