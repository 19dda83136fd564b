import type { RunRecord, StateStore } from '@engage-sync/core'
import { WAITING } from '../engine/index.ts'
import { countOf, formatSeconds } from '../output/text/numbers.ts'
import { isSyncError } from '../process/sync-error.ts'
import { unreadable } from '../state/format/errors.ts'
import { ownerText } from '../state/format/owner-text.ts'
import { isPurgeDue } from '../state/actions/purge.ts'
import { deliveredTypes } from '../state/values/values.ts'
import { streamGuards } from '../state/values/stream-guards.ts'
import { EXIT } from '../process/exit.ts'
import { openState, placeOfState } from '../workspace/state/open-state.ts'
import type { StatePlace } from '../workspace/state/open-state.ts'
import { failedBy, fine, worthKnowing } from './finding.ts'
import type { Finding } from './finding.ts'
import { allowCommand } from '../process/allow-command.ts'

/** Whose state is looked at; with `rebind`, whatever key of its endpoint it was made with. */
export interface CheckedState extends StatePlace {
  readonly rebind: boolean
}

/** The environment whose first run makes its state. */
const LOCAL = 'local'

/**
 * Looks at the state of an environment: whether it is there, ours and sound, who holds it, what is
 * left open.
 */
export async function checkState(
  options: CheckedState,
  nowMs: number,
): Promise<readonly Finding[]> {
  const { environment } = options
  let store: StateStore
  try {
    store = await openState({ ...options, create: 'never', access: 'read' })
  } catch (error) {
    const isAwaited =
      environment.name === LOCAL && isSyncError(error) && error.code === 'STATE_NOT_INITIALISED'
    return [
      isAwaited ? fine('state', 'None yet; the first run makes it') : failedBy('state', error),
    ]
  }
  try {
    return [
      await soundness(store, placeOfState(options)),
      ...(await writability(options)),
      await leaseFinding(store, nowMs),
      ...(await leftOpen(store)),
      ...(await frozenMemberships(store, environment.name, nowMs)),
      ...(await otherTypes(store)),
      await lastRun(store, nowMs),
    ]
  } catch (error) {
    return [failedBy('state', error)]
  } finally {
    await store.close()
  }
}

async function soundness(store: StateStore, place: string): Promise<Finding> {
  const [first, ...others] = await store.check()
  if (first === undefined) return fine('state', `Sound, at ${place}`)
  return failedBy(
    'state',
    unreadable(
      others.length === 0 ? first : `${first} (and ${others.length} more: engage-sync state check)`,
    ),
  )
}

/** No lease ever has this epoch, so that what is tried under it changes nothing. */
const NOBODYS_EPOCH = -1

/** Tries to write as a run does, up to the point where the lease is asked. */
async function writability(options: CheckedState): Promise<readonly Finding[]> {
  try {
    const store = await openState({ ...options, create: 'never', access: 'hold' })
    await store.commit({ epoch: NOBODYS_EPOCH }).finally(() => store.close())
  } catch (error) {
    if (!isSyncError(error) || error.code !== 'STATE_LEASE_LOST') return [failedBy('state', error)]
  }
  return []
}

async function leaseFinding(store: StateStore, nowMs: number): Promise<Finding> {
  const lease = await store.currentLease()
  const { workers } = await store.fleet()
  if (lease === null && workers.length > 0)
    return worthKnowing(
      'lease',
      `${countOf(workers.length, 'worker')} share this environment: ${workers.map(({ worker }) => ownerText(worker)).join(', ')}`,
      'A run that starts now stops, or waits with --wait, until they are stopped.',
    )
  if (lease === null) return fine('lease', 'Free: a run can start')
  const seconds = Math.max(0, (lease.expiresAt - nowMs) / 1000)
  const hint =
    'A run that starts now stops, or waits with --wait. `engage-sync state unlock` ends the lease of one that is gone.'
  return worthKnowing(
    'lease',
    `Held by ${ownerText(lease.owner)} for ${formatSeconds(seconds)} more`,
    hint,
  )
}

async function leftOpen(store: StateStore): Promise<readonly Finding[]> {
  const marks = (await store.openMarks()).length
  const waiting = await store.countDeadLetters({ code: WAITING })
  const letters = (await store.countDeadLetters({})) - waiting
  const findings: Finding[] = []
  if (marks > 0) {
    const hint =
      'A run ended before Braze answered. The next run decides them first, as `on_unknown` says.'
    findings.push(
      worthKnowing('marks', `${countOf(marks, 'request')} without a known outcome`, hint),
    )
  }
  if (waiting > 0) {
    const hint =
      'Users whose changes were neither delivered nor refused. Every run tries them again by itself, but for what a guard holds until it is allowed.'
    findings.push(
      worthKnowing('waiting', `${countOf(waiting, 'dead letter')} of users who wait`, hint),
    )
  }
  if (letters > 0) {
    const hint =
      '`engage-sync dead-letters` lists them with their reasons, `engage-sync retry` sends them again.'
    findings.push(worthKnowing('dead letters', countOf(letters, 'dead letter'), hint))
  }
  if (await isPurgeDue(store)) {
    const hint =
      'A run ended before it rewrote the files, or somebody reads them. The next run does it.'
    findings.push(
      worthKnowing('erased', 'Users were erased, but files of the state may still hold them', hint),
    )
  }
  return findings
}

/** Memberships a server holds: nothing is sent of what would change them. */
async function frozenMemberships(
  store: StateStore,
  environment: string,
  nowMs: number,
): Promise<readonly Finding[]> {
  const { frozen } = await streamGuards.read(store)
  return [...frozen].map(([key, sinceMs]) => {
    const since = formatSeconds(Math.max(0, (nowMs - sinceMs) / 1000))
    const [guard = '', id = ''] = key.split('=', 2)
    return {
      name: 'frozen',
      status: 'warning',
      message: `${id} is frozen by max_${guard} for ${since}`,
      hint: `Look at the audience in Segment first. If it is meant: ${allowCommand([key], environment)}`,
      exit: EXIT.guard,
    }
  })
}

/** How many attributes one finding names. */
const MOST_NAMED = 5

/** Attributes that got values Braze does not take, since their first one was of another type. */
async function otherTypes(store: StateStore): Promise<readonly Finding[]> {
  const told = [...(await deliveredTypes.readAll(store))].filter(([, { dropped }]) => dropped > 0)
  if (told.length === 0) return []
  const names = told
    .sort(([, one], [, other]) => other.dropped - one.dropped)
    .slice(0, MOST_NAMED)
    .map(([name, { first, dropped }]) => `${name} (${first} first, ${dropped} of other types)`)
  const rest = told.length > MOST_NAMED ? `, and ${told.length - MOST_NAMED} more` : ''
  const hint =
    'Braze keeps the type of the first value and drops the others. Declare `type:` in their mappings: values are cast then, or rejected by name.'
  return [worthKnowing('types', `Values Braze drops: ${names.join(', ')}${rest}`, hint)]
}

async function lastRun(store: StateStore, nowMs: number): Promise<Finding> {
  const [run] = await store.runs(1)
  if (run === undefined) return fine('last run', 'None yet')
  const ago = formatSeconds(Math.max(0, (nowMs - Date.parse(run.startedAt)) / 1000))
  const message = `Run ${run.number}, ${run.status}, started ${ago} ago`
  const hint = HINTS[run.status]
  return hint === undefined ? fine('last run', message) : worthKnowing('last run', message, hint)
}

const HINTS: Readonly<Partial<Record<RunRecord['status'], string>>> = {
  partial: '`engage-sync history <run>` says what was refused or left for the next run.',
  stopped: 'A guard stopped it. `engage-sync plan` says which, and how to allow it.',
  interrupted: 'Run again: it goes on from its last commit.',
  failed: 'Run again: it goes on from its last commit.',
  abandoned: 'It was killed. Run again: it goes on from its last commit.',
}
