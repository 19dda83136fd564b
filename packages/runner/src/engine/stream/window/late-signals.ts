import type { WindowSignals } from './scope.ts'

/** Once the stream is to end: how long a window may go on, and then its requests, milliseconds. */
const DRAIN_MS = 6000
const GRACE_MS = 3000

/**
 * Signals that follow another one after a while: a window under way is to end by itself.
 *
 * @param hardSignals - that give up what is in flight at once
 */
export function lateSignals(
  signal: AbortSignal,
  hardSignals: readonly AbortSignal[],
): {
  readonly signals: WindowSignals
  readonly clear: () => void
} {
  const [soft, hard] = [new AbortController(), new AbortController()]
  const timers: NodeJS.Timeout[] = []
  const start = () => {
    timers.push(setTimeout(() => soft.abort(), DRAIN_MS))
    timers.push(setTimeout(() => hard.abort(), DRAIN_MS + GRACE_MS))
  }
  signal.addEventListener('abort', start, { once: true })
  const clear = () => {
    for (const timer of timers) clearTimeout(timer)
    signal.removeEventListener('abort', start)
  }
  const sendSignal = AbortSignal.any([hard.signal, ...hardSignals])
  return { signals: { signal: soft.signal, sendSignal }, clear }
}
