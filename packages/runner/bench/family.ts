import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { Sampler } from './process.ts'

/** What each process of a family took. */
export interface MeasuredFamily {
  /** Seconds. */
  readonly wall: number
  /** The one that was started, and those it started itself. */
  readonly processes: readonly {
    readonly isParent: boolean
    /** CPU of its main thread, of all its threads, seconds; highest anonymous memory, MB. */
    readonly mainCpu: number
    readonly cpu: number
    readonly peakMb: number
  }[]
  readonly stdout: string
}

const SAMPLE_EVERY_MS = 50
/** Newcomers are looked for once in so many looks. */
const LOOK_EVERY = 10

/** Runs a Node program with all it starts, and measures each process from outside. Linux only. */
export async function measureFamily(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<MeasuredFamily> {
  const start = performance.now()
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const parent = child.pid!
  const samplers = new Map([[parent, new Sampler(parent)]])
  let looks = 0
  const timer = setInterval(() => {
    if (looks++ % LOOK_EVERY === 0)
      for (const pid of childrenOf(parent))
        if (!samplers.has(pid)) samplers.set(pid, new Sampler(pid))
    for (const sampler of samplers.values()) sampler.sample()
  }, SAMPLE_EVERY_MS)
  let stdout = ''
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearInterval(timer)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`)
  const processes = [...samplers].map(([pid, { figures }]) => ({
    isParent: pid === parent,
    ...figures,
  }))
  return { wall: (performance.now() - start) / 1000, processes, stdout }
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return ppid === parent ? [Number(name)] : []
    } catch {
      return []
    }
  })
}
