import type { Cause } from '@engage-sync/core'
import type { StreamStatus } from '../../engine/stream/index.ts'
import { EXIT, EXIT_BY_CODE } from '../../process/exit.ts'
import type { Closed } from '../front/index.ts'

/** One part of a server, and why it is not ready; a note says what is worth knowing all the same. */
export interface Part {
  readonly ok: boolean
  readonly reason: Pick<Cause, 'code' | 'message' | 'hint'> | null
}

/** What a server looks like from outside. */
export interface Condition {
  /** Of one of several workers with its partitions. */
  readonly status: StreamStatus & { readonly partitions?: readonly number[] }
  /** Why what comes cannot be kept, by source. */
  readonly closed: ReadonlyMap<string, Closed>
  /** Why Braze took no request the last time, though windows go on; null where it did. */
  readonly braze: Cause | null
  /** It was told to end. */
  readonly isDraining: boolean
  /** Another command holds the environment for a while. */
  readonly isHandedOver: boolean
  /** Why the configuration that was read last is not the one in use; null where it is. */
  readonly refusedConfiguration: Cause | null
}

/** How old what waits in memory may be, milliseconds. */
const MOST_LAG_MS = 60_000

const FINE: Part = { ok: true, reason: null }

/** The parts of a server, in the order they are told. */
export const PARTS = ['front', 'log', 'configuration', 'state', 'braze', 'windows', 'lag'] as const
/** Name of a part. */
export type PartName = (typeof PARTS)[number]

/** Parts that decide whether what comes is acknowledged. */
export const FRONT_PARTS: readonly PartName[] = ['front', 'log']

/**
 * Each part of a server with its reason.
 *
 * Shape: a configuration that was refused leaves its part ready, since the former one works on.
 */
export function readiness(condition: Condition): Readonly<Record<PartName, Part>> {
  const { status, isDraining, refusedConfiguration: refused } = condition
  const place = placeOf(status.reason)
  const waiting = status.reason === null ? FINE : failing(status.reason)
  return {
    front: isDraining ? failing(DRAINING) : FINE,
    log: logPart(condition),
    configuration: { ok: true, reason: refused === null ? null : named(refused) },
    state: place === 'state' ? waiting : FINE,
    braze: brazePart(place === 'braze' ? status.reason : condition.braze),
    windows: windowsPart(condition, place === 'windows' ? waiting : FINE),
    lag: lagPart(status),
  }
}

/** Whether all of some parts are ready. */
export function areReady(
  parts: Readonly<Record<PartName, Part>>,
  names: readonly PartName[] = PARTS,
): boolean {
  return names.every((name) => parts[name].ok)
}

function brazePart(reason: Cause | null): Part {
  return reason === null ? FINE : failing(reason)
}

function logPart({ closed }: Condition): Part {
  const found = [...closed.values()].find((why) => why !== null)
  return found === undefined || found === null ? FINE : failing(found)
}

function windowsPart({ status, isHandedOver }: Condition, waiting: Part): Part {
  if (!waiting.ok) return waiting
  if (isHandedOver) return failing(HANDED_OVER)
  if (status.state === 'running' || status.state === 'waiting') return FINE
  return failing({ ...NOT_RUNNING, message: `The windows are ${status.state}` })
}

function lagPart({ lag }: StreamStatus): Part {
  if (lag === null || lag.oldestMs <= MOST_LAG_MS) return FINE
  const seconds = Math.round(lag.oldestMs / 1000)
  const message = `The oldest of ${lag.records} records waits for ${seconds} s`
  return failing({
    code: 'SERVE_LAG',
    message,
    hint: 'It catches up, or another part says why not.',
  })
}

type Reason = Pick<Cause, 'code' | 'message' | 'hint'>

function failing(reason: Reason): Part {
  return { ok: false, reason: named(reason) }
}

function named({ code, message, hint }: Reason): Reason {
  return { code, message, hint }
}

/** Which part a reason is about. */
function placeOf(reason: Cause | null): 'state' | 'braze' | 'windows' | null {
  if (reason === null) return null
  if (/^(?:BRAZE|DESTINATION)_/.test(reason.code)) return 'braze'
  return EXIT_BY_CODE.get(reason.code) === EXIT.state || reason.code.startsWith('STATE_')
    ? 'state'
    : 'windows'
}

const DRAINING = { code: 'SERVE_ENDING', message: 'The server is ending', hint: null }
const HANDED_OVER = {
  code: 'SERVE_HANDED_OVER',
  message: 'Another command holds the environment; what comes is kept',
  hint: 'It goes on as soon as that command has ended.',
}
const NOT_RUNNING = { code: 'SERVE_NOT_RUNNING', hint: 'It is ready once it has caught up.' }
