const USERS = 120
const RECORDS = 500
/** File of the checked configuration in a world, for lives without the program. */
export const NORMALISED = 'normalised.bin'

/** How far the records of two phases lie apart, milliseconds. */
const PHASE_MS = 1000

/**
 * The records of a phase as lines: few users, many changes; the same for the same phase but for the instant they start.
 *
 * @param birthMs - when the mappings were born: everything is younger, so that every change is an event
 */
export function recordsOfPhase(phase: number, birthMs: number): string {
  const random = numbers(phase + 1)
  const lines: string[] = []
  for (let index = 0; index < RECORDS; index++) {
    const user = `user-${random() % USERS}`
    const timestamp = new Date(birthMs + phase * PHASE_MS + index).toISOString()
    const drawn = random()
    const [kind, key, value] =
      drawn % 10 < 3
        ? ['trait', 'plan', `plan-${drawn % 7}`]
        : drawn % 10 < 7
          ? ['trait', 'worth', drawn % 97]
          : ['audience', 'vip', drawn % 3 !== 0]
    lines.push(
      JSON.stringify({
        type: 'identify',
        userId: user,
        timestamp,
        traits: { [key as string]: value },
        context: { personas: { computation_class: kind, computation_key: key, namespace: 'spa_1' } },
      }),
    )
  }
  return `${lines.join('\n')}\n`
}

/** A stream of well-spread whole numbers. */
export function numbers(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
