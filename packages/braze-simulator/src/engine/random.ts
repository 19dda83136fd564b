/**
 * A stream of numbers in [0, 1) that the seed alone decides.
 *
 * Shape: the state is one 32-bit number, advanced by a Weyl step and mixed (the splitmix
 * construction).
 *
 * @see https://doi.org/10.1145/2714064.2660195
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 0x1_0000_0000
  }
}
