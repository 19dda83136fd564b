import { setTimeout as sleep } from 'node:timers/promises'
import type { Started } from './io.ts'

/** Waits until processes have ended, but no longer than so many milliseconds. */
export async function untilEnded(running: ReadonlySet<Started>, patienceMs: number): Promise<void> {
  const late = new AbortController()
  const { signal } = late
  await Promise.race([
    Promise.all([...running].map(({ ended }) => ended)),
    sleep(patienceMs, undefined, { signal }).catch(() => undefined),
  ])
  late.abort()
}

/**
 * Asks processes to end, and waits until they have; those that have not after so many milliseconds
 * are made to.
 *
 * @param running - those whose processes live: each goes out of it when it ends
 */
export async function endStarted(running: ReadonlySet<Started>, patienceMs: number): Promise<void> {
  for (let asked = 0; asked < 2 && running.size > 0; asked++) {
    for (const child of running) child.stop()
    await untilEnded(running, patienceMs)
  }
}
