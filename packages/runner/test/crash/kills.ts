import type { JsonObject } from '@engage-sync/core'
import type { LifeOptions, World } from './world.ts'

/** What a chain of kills went through. */
export interface Survived {
  /** Kills that hit: the life was ended by one. */
  readonly hits: readonly string[]
  /** Phases of records it took. */
  readonly phases: number
}

/** A kill, by the name of the instant. */
export interface Kill extends LifeOptions {
  readonly name: string
  /**
   * What is left is done before it, and new records come. Default: only when nothing is left to do.
   */
  readonly isFresh?: boolean
  /** What goes wrong at the simulator before each try. */
  readonly fault?: JsonObject
}

/** How often a point that is not passed is given new records to be passed with. */
const MOST_TRIES = 3

/**
 * Lets a world live through kills, one life after another, each resuming what the one before left.
 *
 * A life that ends by itself before it is killed had nothing left to do: then the next records
 * come, and the same kill is tried again. Ends with everything done.
 */
export async function survive(world: World, kills: readonly Kill[]): Promise<Survived> {
  const hits: string[] = []
  let phases = 1
  world.addPhase()
  const addPhase = () => {
    world.addPhase()
    phases++
  }
  for (const kill of kills) {
    if (kill.isFresh === true) {
      await world.finish()
      addPhase()
    }
    for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
      if (kill.fault !== undefined) await world.addFault(kill.fault)
      const life = await world.live(kill)
      if (life.signal === 'SIGKILL') {
        hits.push(kill.name)
        break
      }
      if (life.code !== 0) throw new Error(`${kill.name}: ended with ${life.code}\n${life.stderr}`)
      addPhase()
    }
  }
  await world.finish()
  return { hits, phases }
}
