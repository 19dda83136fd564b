import type { Answer } from '../front/index.ts'
import { areReady, FRONT_PARTS, PARTS } from './readiness.ts'
import type { Part, PartName } from './readiness.ts'

/** The answer of `/livez`: the process works at all. @param turnedMs - how long ago its loop turned */
export function livez(turnedMs: number): Answer {
  const isLive = turnedMs < MOST_STILL_MS
  return { status: isLive ? 200 : 503, body: { live: isLive, turned_ms_ago: Math.round(turnedMs) } }
}

const MOST_STILL_MS = 10_000

/**
 * The answer of `/readyz`, each part with its reason; of `/readyz/front`, whether what comes is
 * acknowledged, which is all that a load balancer needs to know.
 */
export function readyz(parts: Readonly<Record<PartName, Part>>, of: 'all' | 'front'): Answer {
  const names = of === 'all' ? PARTS : FRONT_PARTS
  const isReady = areReady(parts, names)
  const shown = Object.fromEntries(names.map((name) => [name, parts[name]]))
  return { status: isReady ? 200 : 503, body: { ready: isReady, parts: shown } }
}
