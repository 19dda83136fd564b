import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What one process took, from start to end. */
export interface Measured {
  /** Seconds. */
  readonly wall: number
  /** CPU of its main thread, seconds; of all its threads. */
  readonly mainCpu: number
  readonly cpu: number
  /** Highest anonymous memory seen, MB. */
  readonly peakMb: number
  readonly stdout: string
}

/** Linux counts CPU in hundredths of a second. */
const TICKS_PER_SECOND = 100
const SAMPLE_EVERY_MS = 10

/**
 * Runs a Node program to its end and measures it from outside.
 *
 * Shape: arguments of `node` in; figures out. Linux only, since it reads `/proc`.
 *
 * @throws {Error} when it ends with another code than 0
 */
export async function measureProcess(args: readonly string[], cwd: string): Promise<Measured> {
  const start = performance.now()
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', BENCH_KEY: 'simulator' },
  })
  const sampler = new Sampler(child.pid!)
  const timer = setInterval(() => sampler.sample(), SAMPLE_EVERY_MS)
  try {
    const { stdout, stderr, code } = await outputOf(child)
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}\n${stderr}`)
    return { wall: (performance.now() - start) / 1000, ...sampler.figures, stdout }
  } finally {
    clearInterval(timer)
  }
}

async function outputOf(
  child: ChildProcess,
): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => (texts[name] += text))
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  )
  return { ...texts, code }
}

/** Keeps the last, or highest, of what `/proc` says of a process. */
export class Sampler {
  readonly #pid: number
  #mainTicks = 0
  #ticks = 0
  #peakKb = 0

  constructor(pid: number) {
    this.#pid = pid
  }

  sample(): void {
    try {
      this.#peakKb = Math.max(
        this.#peakKb,
        Number(/RssAnon:\s+(\d+)/.exec(this.#read('status'))?.[1] ?? 0),
      )
      this.#mainTicks = ticksOf(this.#read(`task/${this.#pid}/stat`))
      this.#ticks = ticksOf(this.#read('stat'))
    } catch {
      // It ended between two looks.
    }
  }

  get figures(): Pick<Measured, 'mainCpu' | 'cpu' | 'peakMb'> {
    return {
      mainCpu: this.#mainTicks / TICKS_PER_SECOND,
      cpu: this.#ticks / TICKS_PER_SECOND,
      peakMb: this.#peakKb / 1024,
    }
  }

  #read(name: string): string {
    return readFileSync(`/proc/${this.#pid}/${name}`, 'utf8')
  }
}

/** User and system time. The name in brackets may hold spaces, so counting starts behind it. */
function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
