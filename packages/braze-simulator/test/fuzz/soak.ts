import { fuzzServer } from './fuzz-server.ts'

/**
 * The fuzz of the server for longer than a test may take: `node test/fuzz/soak.ts [seconds]
 * [seed]`.
 *
 * Prints how often each status came. A failure names the seed and the requests that made it.
 */
const [seconds = '60', seed = String(Date.now() & 0x7fffffff)] = process.argv.slice(2)
const ROUND = 500
const end = Date.now() + Number(seconds) * 1000
const total = new Map<number, number>()
for (let round = Number(seed); Date.now() < end; round++) {
  const seen = await fuzzServer(round, ROUND)
  for (const [status, count] of seen) total.set(status, (total.get(status) ?? 0) + count)
}
console.log(
  `braze-simulator, fuzzed from seed ${seed} on: ${JSON.stringify(Object.fromEntries([...total].toSorted()))}`,
)
