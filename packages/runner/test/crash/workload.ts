const USERS = 120
const RECORDS = 500
/** File of the checked configuration in a world, for lives without the program. */
export const NORMALISED = 'normalised.bin'

/** How far the records of two phases lie apart, milliseconds. */
const PHASE_MS = 1000

/**
 * The records of a phase as lines: few users, many changes; the same for the same phase but for the
 * instant they start.
 *
 * @param birthMs - when the mappings were born: everything is younger, so that every change is an
 *   event
 */
export function recordsOfPhase(phase: number, birthMs: number): string {
  const random = numbers(phase + 1)
  const lines: string[] = []
  for (let index = 0; index < RECORDS; index++) {
    const number = random() % USERS
    const timestamp = new Date(birthMs + phase * PHASE_MS + index).toISOString()
    const [kind, key, value] = computation(random())
    const context = {
      personas: { computation_class: kind, computation_key: key, namespace: 'spa_1' },
    }
    lines.push(
      JSON.stringify({
        type: 'identify',
        ...identifiers(number, phase, random()),
        timestamp,
        traits: { [key]: value },
        context,
      }),
    )
  }
  return `${lines.join('\n')}\n`
}

function computation(drawn: number): readonly [kind: string, key: string, value: unknown] {
  if (drawn % 10 < 3) return ['trait', 'plan', `plan-${drawn % 7}`]
  return drawn % 10 < 7 ? ['trait', 'worth', drawn % 97] : ['audience', 'vip', drawn % 3 !== 0]
}

/**
 * Every tenth user is anonymous in the first phase, and known by both identifiers now and then from
 * the second on.
 */
function identifiers(
  number: number,
  phase: number,
  drawn: number,
): { readonly userId?: string; readonly anonymousId?: string } {
  const known = { userId: `user-${number}` }
  const anonymous = { anonymousId: `browser-${number}` }
  if (number % 10 !== 0) return known
  if (phase <= 1) return anonymous
  return drawn % 3 === 0 ? anonymous : drawn % 3 === 1 ? known : { ...known, ...anonymous }
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
