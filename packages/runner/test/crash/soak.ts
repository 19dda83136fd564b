import { parseArgs } from 'node:util'
import { KILL_POINTS } from '../../src/process/kill-points.ts'
import { addsUp, eventDifference, recoveredOf, withoutEvents } from './compare.ts'
import { survive } from './kills.ts'
import { numbers } from './workload.ts'
import { World } from './world.ts'
import type { Dump, LifeOptions } from './world.ts'

/** Kills in one world, before it is compared. */
const KILLS_A_WORLD = 25
const MODES = ['verify', 'repeat', 'skip'] as const
/** Latest instant of a kill at a random time, milliseconds after the start. */
const LATEST_MS = 2500

const { values } = parseArgs({
  options: {
    /** Kills. */
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    /** The whole program, or the engine alone: a third of the time. */
    program: { type: 'string', default: 'whole' },
    /** A bundle of `life.ts`, to save still more. */
    life: { type: 'string' },
  },
})
const engineAlone = values.program === 'whole' ? undefined : (values.life ?? true)
const wanted = Number(values.runs)
const random = numbers(Number(values.seed))
const totals = {
  kills: 0,
  worlds: 0,
  atRandomTimes: 0,
  repeated: 0,
  skipped: 0,
  verified: 0,
  doubled: 0,
  lost: 0,
  paidAgain: 0,
  wrong: 0,
}
const byPoint = new Map<string, number>()
const clean: Dump[] = []
const peace = await World.open({ onUnknown: 'verify', engineAlone })
await peace.beBorn()

while (totals.kills < wanted) await soakWorld(MODES[totals.worlds % MODES.length])
await peace.close()
process.stdout.write(
  `${JSON.stringify({ ...totals, byPoint: Object.fromEntries(byPoint) }, null, 2)}\n`,
)
process.exitCode = totals.wrong === 0 ? 0 : 1

async function soakWorld(onUnknown: (typeof MODES)[number]): Promise<void> {
  const world = await World.open({ onUnknown, engineAlone })
  await world.beBorn()
  const { hits, phases } = await survive(
    world,
    Array.from({ length: Math.min(KILLS_A_WORLD, wanted - totals.kills) }, randomKill),
  )
  const [dump, wantedDump, reports] = [
    await world.dump(),
    await dumpOfPeace(phases),
    await world.reports(),
  ]
  await world.close()
  const { more, fewer } = eventDifference(dump, wantedDump)
  const { repeated, skipped, verified } = recoveredOf(reports)
  const isSame = JSON.stringify(withoutEvents(dump)) === JSON.stringify(withoutEvents(wantedDump))
  const isTold =
    more <= repeated && fewer <= skipped && (onUnknown !== 'verify' || more + fewer === 0)
  if (!isSame || !isTold || !reports.every(addsUp)) {
    totals.wrong++
    process.stderr.write(
      `${JSON.stringify({ onUnknown, isSame, more, fewer, repeated, skipped, verified, hits })}\n`,
    )
  }
  totals.worlds++
  totals.kills += hits.length
  totals.atRandomTimes += hits.filter((name) => name === 'any time').length
  totals.repeated += repeated
  totals.skipped += skipped
  totals.verified += verified
  totals.doubled += more
  totals.lost += fewer
  totals.paidAgain += dump.ledger['custom_attributes'] - wantedDump.ledger['custom_attributes']
  for (const name of hits) byPoint.set(name, (byPoint.get(name) ?? 0) + 1)
  process.stderr.write(`${totals.kills} kills, ${totals.wrong} wrong\n`)
}

/** Half at a named point, at one of its first passages; half at any time. */
function randomKill(): LifeOptions & { readonly name: string } {
  if (random() % 2 === 0) return { name: 'any time', killAfterMs: 100 + (random() % LATEST_MS) }
  const point = KILL_POINTS[random() % KILL_POINTS.length]
  return { name: point, killAt: `${point}:${1 + (random() % 4)}` }
}

/** What a world holds after so many phases without any kill. */
async function dumpOfPeace(phases: number): Promise<Dump> {
  while (clean.length < phases) {
    peace.addPhase()
    await peace.finish()
    clean.push(await peace.dump())
  }
  return clean[phases - 1]
}
