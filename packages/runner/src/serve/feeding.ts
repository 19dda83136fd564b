import { setTimeout as sleep } from 'node:timers/promises'
import { feedFrom } from '../adapters/open-source.ts'
import { causeOf } from '../process/cause.ts'
import type { Io } from '../process/io.ts'
import { isStream } from './inlets.ts'
import type { OpenInlets } from './inlets.ts'
import type { Teller } from './teller.ts'

/** How often it is looked whether what was fed is worked on, milliseconds. */
const LOOK_MS = 200

/** What standard input is read for. */
export interface Feeding {
  readonly io: Io
  readonly inlets: OpenInlets
  readonly teller: Teller
  readonly signal: AbortSignal
}

/**
 * Keeps what comes on standard input, where a source reads it.
 *
 * Shape: true once all of it is worked on and nothing else can come, so that the server may end.
 */
export async function feedServer({ io, inlets, teller, signal }: Feeding): Promise<boolean> {
  const { input: log, sources, webhooks } = inlets
  if (log === null) return false
  try {
    await feedFrom(io.stdin, log, signal)
  } catch (error) {
    if (!signal.aborted) teller.warn('standard input is read no further: ', causeOf(error))
    return false
  }
  if (webhooks.size > 0 || [...sources.values()].filter(isStream).length > 1) {
    teller.say('standard input has ended')
    return false
  }
  while (!signal.aborted && !(await log.isWorkedOn())) await sleep(LOOK_MS)
  return true
}
