import { randomInt } from 'node:crypto'

/** Draws the seed of all that the tests of a run draw by chance, and says how to draw it again. */
export function setup(): void {
  process.env['ENGAGE_SYNC_SEED'] ??= String(randomInt(2 ** 31))
  process.stdout.write(
    `What is drawn by chance is repeated by ENGAGE_SYNC_SEED=${process.env['ENGAGE_SYNC_SEED']}\n`,
  )
}
