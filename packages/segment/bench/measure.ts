import { readFileSync } from 'node:fs'

/** One measured run: wall and CPU of this thread, in seconds. */
export interface Sample {
  readonly wall: number
  readonly cpu: number
}

/** Something to measure; its name is a key of the result. */
export interface Subject {
  readonly name: string
  readonly run: () => Promise<void>
}

/**
 * Runs all subjects in turn, round after round, so that a noisy machine disturbs them alike;
 * samples by name.
 */
export async function measure(
  subjects: readonly Subject[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of subjects) {
      const cpu = process.threadCpuUsage()
      const start = performance.now()
      await run()
      const wall = (performance.now() - start) / 1000
      const used = process.threadCpuUsage(cpu)
      samples.get(name)!.push({ wall, cpu: (used.user + used.system) / 1e6 })
    }
  }
  return samples
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right)
  return (
    (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
  )
}

/**
 * Anonymous memory of this process now, in MB: what it holds itself, without mapped files. Linux
 * only; elsewhere NaN.
 */
export function anonymousMegabytes(): number {
  try {
    const [, kilobytes] =
      /RssAnon:\s+(\d+) kB/u.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return Number(kilobytes) / 1024
  } catch {
    return Number.NaN
  }
}
