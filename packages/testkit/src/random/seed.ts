import { randomInt } from 'node:crypto'
import { itemAt } from '@engage-sync/core'
import { hashOf, Random } from './random.ts'

const SEED = 'ENGAGE_SYNC_SEED'

/**
 * The seed of everything that tests draw by chance: another one in each run, and the same where
 * `ENGAGE_SYNC_SEED` repeats it. A run of tests prints its seed at the beginning.
 */
export function testSeed(env: NodeJS.ProcessEnv = process.env): number {
  env[SEED] ??= String(randomInt(2 ** 31))
  const seed = Number(env[SEED])
  if (!Number.isInteger(seed)) throw new Error(`${SEED} is no whole number`)
  return seed
}

/**
 * Numbers for one purpose: the same for the same seed of the run, and others for another purpose.
 */
export function drawnFor(purpose: string): Random {
  return new Random(hashOf(testSeed(), ...Buffer.from(purpose)))
}

/**
 * Some of a matrix, in its order: a share drawn by the seed of the run, or all of it where
 * `ENGAGE_SYNC_WHOLE` is set, as `npm run soak` does.
 *
 * @param count - how many are drawn
 */
export function sampled<T>(purpose: string, all: readonly T[], count: number): readonly T[] {
  if (process.env['ENGAGE_SYNC_WHOLE'] !== undefined) return all
  const random = drawnFor(purpose)
  const left = all.map((_, index) => index)
  while (left.length > count) left.splice(random.below(left.length), 1)
  return left.map((index) => itemAt(all, index))
}
