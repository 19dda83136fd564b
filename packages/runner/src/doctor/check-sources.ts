import type { CompiledSync, NormalisedEnvironment, SourceConfig } from '@engage-sync/core'
import { openSource } from '../adapters/open-source.ts'
import { compileSyncs } from '../workspace/environment/open-environment.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { sourceConfigs, wantedKeys } from '../workspace/environment/sources.ts'
import { failedBy, fine, worthKnowing } from './finding.ts'
import type { Finding } from './finding.ts'
import { notLookedAt } from './missing-secrets.ts'
import { originFindings } from './record-origins.ts'
import type { Believed } from './record-origins.ts'

/** Looks at every source of an environment, and those its syncs have in place; in that order. */
export async function checkSources(
  opened: OpenEnvironment,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { environment, config } = opened
  const syncs = compileSyncs(config.syncs, environment)
  const all = new Map([...environment.sources, ...sourceConfigs(opened, config.syncs)])
  const found = await Promise.all(
    [...all].map(([name, source]) => checkSource({ opened, name, source, syncs, signal })),
  )
  return found.flat()
}

interface One {
  readonly opened: OpenEnvironment
  readonly name: string
  readonly source: SourceConfig
  readonly syncs: readonly CompiledSync[]
  readonly signal: AbortSignal
}

async function checkSource({
  opened,
  name,
  source,
  syncs,
  signal,
}: One): Promise<readonly Finding[]> {
  const { environment, place } = opened
  const readers = syncs.filter((sync) => sync.source === name)
  const title = `source ${name}`
  const needed = [source, 'profile_api' in source ? environment.segment : null]
  const unknown = notLookedAt(title, needed, opened)
  if (unknown !== null) return [unknown]
  try {
    const asked = await openSource(source, environment, {
      ...place,
      name,
      keys: wantedKeys(readers),
    })
    const { message, hint } = (await asked.check?.(signal)) ?? { message: 'Opened' }
    const origins = (await asked.origins?.(signal)) ?? []
    return [
      hint === undefined ? fine(title, message) : worthKnowing(title, message, hint),
      ...originFindings(title, origins, believedOf(source, environment)),
    ]
  } catch (error) {
    const finding = failedBy(title, error)
    return [
      readers.length > 0
        ? finding
        : worthKnowing(title, finding.message, `No sync reads it. ${finding.hint ?? ''}`.trimEnd()),
    ]
  }
}

function believedOf(source: SourceConfig, { segment }: NormalisedEnvironment): Believed {
  const trust = 'trust' in source ? (source.trust ?? []) : []
  return { spaceId: segment?.spaceId ?? null, unmarked: trust.includes('unmarked') }
}
