import type {
  EventLog,
  Source,
  SourcePosition,
  StateStore,
  StreamLimit,
  StreamSource,
  StreamStanding,
} from '@engage-sync/core'
import { fromItsBeginning, refuseLeft } from '../adapters/former-log.ts'
import { openSource } from '../adapters/open-source.ts'
import { usedLog } from '../adapters/used-log.ts'
import type { UsedLog } from '../adapters/used-log.ts'
import { savedPositions } from '../engine/index.ts'
import { formatBytes, formatSeconds, countOf } from '../output/text/numbers.ts'
import { EXIT } from '../process/exit.ts'
import { isSyncError } from '../process/sync-error.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { sourceConfigs } from '../workspace/environment/sources.ts'
import { openState } from '../workspace/state/open-state.ts'
import { failedBy, fine, worthKnowing } from './finding.ts'
import type { Finding } from './finding.ts'
import { notLookedAt } from './missing-secrets.ts'

/** From this share of what a log keeps on, what waits is told of. */
const MUCH = 0.25

/**
 * Looks how far behind each source that goes on is, by the partition that is slowest, and whether
 * its log still holds what comes next.
 *
 * Shape: a finding a source; none where there is no state that can be read, which is told elsewhere.
 */
export async function checkLag(
  opened: OpenEnvironment,
  {
    now,
    signal,
    rebind,
  }: { readonly now: () => number; readonly signal: AbortSignal; readonly rebind: boolean },
): Promise<readonly Finding[]> {
  const { environment, place, config } = opened
  const store = await openState({
    environment,
    root: place.root,
    now,
    rebind,
    create: 'never',
    access: 'read',
  }).catch(unreadable)
  if (store === null) return []
  try {
    const findings: Finding[] = []
    for (const [name, source] of sourceConfigs(opened, config.syncs)) {
      const used = usedLog(name, source, environment)
      const isKnown = notLookedAt(name, [source, environment.serve.log], opened) === null
      if (used === null || !isKnown) continue
      const keys = { traits: [], audiences: [] }
      const stream = await openSource(source, environment, { ...place, name, keys })
      findings.push(...(await lagFindings({ opened, store, name, used, stream }, signal)))
    }
    return findings
  } finally {
    await store.close()
  }
}

function unreadable(error: unknown): null {
  if (!isSyncError(error)) throw error
  return null
}

interface One {
  readonly opened: OpenEnvironment
  readonly store: StateStore
  readonly name: string
  readonly used: UsedLog
  readonly stream: Source
}

async function lagFindings(one: One, signal: AbortSignal): Promise<readonly Finding[]> {
  const { opened, store, name, used } = one
  const title = `lag of ${name}`
  const stream = fromItsBeginning(one.stream as StreamSource | EventLog, used)
  try {
    const takesIn = 'append' in stream
    await refuseLeft({ name, now: used, store, leavesLog: false }, { takesIn })
    const position = (await savedPositions(store, new Map([[name, stream]]))).get(name) ?? null
    const standing = (await stream.standing?.(position, signal)) ?? null
    const room = takesIn ? [await roomOf(stream, position, opened)] : []
    if (standing === null) return [lagFinding(title, room, null)]
    if (standing.gone !== null) return [lost(title, standing.gone)]
    // Of what nobody began to read, nothing is missed.
    const limits = position === null ? room : [...standing.limits, ...room]
    return [lagFinding(title, limits, standing)]
  } catch (error) {
    return [failedBy(title, error)]
  } finally {
    if ('close' in stream) await stream.close()
  }
}

/** What may wait before nothing more is taken. */
async function roomOf(
  log: EventLog,
  position: SourcePosition | null,
  { environment }: OpenEnvironment,
): Promise<StreamLimit> {
  const { bytes } = await log.lag(position)
  return { unit: 'bytes', behind: bytes, keeps: environment.serve.maxLogBytes }
}

function lost(title: string, gone: string): Finding {
  return {
    name: title,
    status: 'failed',
    message: gone,
    hint: 'What was removed cannot be had from there: read it from an S3 destination or a replay beside it, and give the stream a longer retention.',
    exit: EXIT.partial,
  }
}

function lagFinding(
  title: string,
  limits: readonly StreamLimit[],
  standing: StreamStanding | null,
): Finding {
  const [worst] = limits.toSorted((one, other) => shareOf(other) - shareOf(one))
  const waiting = standing?.messages ?? worst?.behind ?? 0
  if (waiting === 0) return fine(title, 'Nothing waits')
  const message = told(worst, standing)
  const hint =
    'Start a server or a run, or give the log more room: what it removes, or refuses, before it is read is missed.'
  const isMuch = worst !== undefined && shareOf(worst) >= MUCH
  return isMuch ? worthKnowing(title, message, hint) : fine(title, message)
}

function told(worst: StreamLimit | undefined, standing: StreamStanding | null): string {
  const parts: string[] = []
  if (standing !== null)
    parts.push(
      `${countOf(standing.messages, 'message')} behind, the oldest for ${formatSeconds(standing.oldestMs / 1000)}`,
    )
  if (worst !== undefined)
    parts.push(`${textOf(worst, worst.behind)} of the ${textOf(worst, worst.keeps)} it keeps`)
  return parts.join(': ')
}

function shareOf({ behind, keeps }: StreamLimit): number {
  return behind / keeps
}

function textOf({ unit }: StreamLimit, amount: number): string {
  if (unit === 'bytes') return formatBytes(amount)
  if (unit === 'milliseconds') return formatSeconds(amount / 1000)
  return countOf(amount, 'message')
}
