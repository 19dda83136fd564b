import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, SourceError, sleepUntil } from '../source/index.ts'
import { listFiles } from './list.ts'

/** Least time between two looks at the files that are followed, milliseconds. */
const LOOK_MS = 50
/** Looking takes at most this share of the time, however many files there are. */
const LOOKING_SHARE = 0.01

/**
 * Watches files by looking at their names, sizes and times.
 *
 * Shape: resolves when something differs from what it was when it resolved last. A look comes every
 * 50 ms, or less often where there are so many files that looking would take more than a hundredth
 * of the time. Systems tell of changes in ways of their own, and of those on a network drive not
 * at all.
 */
export function watchFiles(
  places: readonly string[],
  root: string,
): (signal: AbortSignal) => Promise<void> {
  let seen: string | null = null
  return async (signal) => {
    while (!signal.aborted) {
      const began = performance.now()
      const now = await lookAt(places, root)
      if (now !== seen) {
        seen = now
        return
      }
      await sleepUntil(Math.max(LOOK_MS, (performance.now() - began) / LOOKING_SHARE), signal)
    }
  }
}

/** Whether files were not there, or no longer: whoever follows waits for them. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof SourceError &&
    (error.code === 'SOURCE_NOT_FOUND' || errorCode(error.cause) === 'ENOENT')
  )
}

async function lookAt(places: readonly string[], root: string): Promise<string> {
  const files = await listFiles(places, root, true)
  const looks = files.map(async (path) => {
    const info = await stat(join(root, path)).catch(() => null)
    return info === null ? path : `${path}\0${info.ino}\0${info.size}\0${info.mtimeMs}`
  })
  return (await Promise.all(looks)).join('\n')
}
