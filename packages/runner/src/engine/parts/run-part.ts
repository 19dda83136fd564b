import { causeOf } from '../../process/cause.ts'
import { partCall } from '../../state/values/part-values.ts'
import type { PartCall } from '../../state/values/part-values.ts'
import type { Json } from '@engage-sync/core'
import { isOwnerGone, ownerName, sleep } from '../durable/index.ts'
import type { RunResult } from '../finish.ts'
import { Member } from '../fleet/index.ts'
import type { EngineOptions } from '../request/index.ts'
import { runUnder } from '../run.ts'
import { nobodyLeads, otherWork } from './part-errors.ts'
import { PartState } from './part-state.ts'
import { PartTalk, ReadAgain } from './part-talk.ts'
import { partitionsOf } from './partitions-of.ts'
import type { Seat } from './partitions-of.ts'
import { fingerprintOfWork } from './work-fingerprint.ts'

/**
 * After this long without a word a part is lost, milliseconds. Nobody waits to take it over; and what
 * it plans and packs of millions of users at once may keep it from saying anything for a while.
 */
const TTL_MS = 60_000
/** How often it is looked whether the run is there, milliseconds. */
const LOOK_MS = 200

/** How a part ended; whoever leads its run knows it, too. */
export interface PartResult {
  /** Number of the run. */
  readonly run: number
  /** What ended it early, or null. */
  readonly failure: unknown
}

/** Which part of which run somebody is to do. */
export interface PartSeat extends Seat {
  /** Number of the run; null for whichever there is. */
  readonly run: number | null
  /** How long is waited for that run, milliseconds. */
  readonly waitMs: number
  /** After this long without a word it is lost, milliseconds. Default 60,000. */
  readonly ttlMs?: number
}

/**
 * Does one part of a run that somebody else leads: reads all, works on its own partitions, and sends
 * nothing before all parts are judged together.
 *
 * @throws {SyncError} `RUN_PART_ALONE`, `RUN_PART_OTHER`, `STATE_LEASE_LOST` where the part is taken; and what ended it
 * where that could not be told
 */
export async function runPart(options: EngineOptions, seat: PartSeat): Promise<PartResult> {
  const { store } = options
  const call = await findCall(options, seat)
  const partitions = partitionsOf(seat)
  const { ttlMs = TTL_MS } = seat
  const name = `part ${seat.number} of ${seat.of}`
  const member = await Member.admitted(
    store,
    { worker: ownerName(name), url: null, fingerprint: `run ${call.run}, ${name}` },
    { epoch: call.epoch, partitions: [...partitions], ttlMs },
  )
  const talk = new PartTalk(store, { call, seat, member })
  try {
    await talk.answer('joined', null)
    const result = await work(options, { call, partitions, member, talk })
    await talk.closed()
    return { run: call.run, failure: talk.reasonOf(result.failure) }
  } catch (failure) {
    await talk.answer('failed', causeOf(failure) as unknown as Json).catch(() => {
      throw failure
    })
    return { run: call.run, failure: talk.reasonOf(failure) }
  } finally {
    await talk.close()
    await member.release()
  }
}

/** The run it is a part of. */
async function findCall(options: EngineOptions, seat: PartSeat): Promise<PartCall> {
  const { store, signal } = options
  const deadline = performance.now() + seat.waitMs
  for (;;) {
    const call = await partCall.read(store)
    const isMeant = call?.of === seat.of && (seat.run === null || seat.run === call.run)
    if (call !== null && isMeant && (await isLed(store, call))) {
      if (call.work === fingerprintOfWork(options)) return call
      throw otherWork()
    }
    if (performance.now() >= deadline) throw nobodyLeads(seat.of)
    await sleep(LOOK_MS, signal)
    signal.throwIfAborted()
  }
}

/** A run whose leader died a moment ago may look as if it went on. */
async function isLed(store: EngineOptions['store'], { epoch }: PartCall): Promise<boolean> {
  const lease = await store.currentLease()
  return lease?.epoch === epoch && !isOwnerGone(lease.owner)
}

interface PartWork {
  readonly call: PartCall
  readonly partitions: ReadonlySet<number>
  readonly member: Member
  readonly talk: PartTalk
}

/** Reads again where the sources grew meanwhile, so that all parts read the same. */
async function work(
  options: EngineOptions,
  { call, partitions, member, talk }: PartWork,
): Promise<RunResult> {
  const { run, startedMs } = call
  const store = new PartState(options.store, { member: () => member.membership, partitions, run })
  const signal = AbortSignal.any([options.signal, member.lost, talk.halted])
  const observe: EngineOptions['observe'] = (event) => {
    talk.observe(event)
    options.observe(event)
  }
  let upTo = await talk.catchUp()
  for (;;) {
    const part = {
      partitions,
      ...(upTo !== null && { upTo }),
      judge: (plan: Parameters<PartTalk['judged']>[0]) => talk.judged(plan, signal),
      ends: (end: Parameters<PartTalk['ended']>[0]) => talk.ended(end, signal),
    }
    try {
      return await runUnder(member, { ...options, store, signal, observe, part }, startedMs)
    } catch (error) {
      if (!(error instanceof ReadAgain)) throw error
      upTo = error.to
    }
  }
}
