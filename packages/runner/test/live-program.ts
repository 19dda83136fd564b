import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROGRAM } from './program.ts'

/** How a process ended, and what it wrote to standard output. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
}

/** What every program of the tests has in its environment. They are many and short: what one compiled, the next one loads. */
export const BASE_ENV = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'engage-sync-compiled'),
} as const

/** The environment of the program, killed at a point where one is named. */
export function programEnv(killAt?: string): NodeJS.ProcessEnv {
  return {
    ...BASE_ENV,
    KEY: 'simulator',
    ...(killAt === undefined ? {} : { ENGAGE_SYNC_KILL_AT: killAt }),
  }
}

/** The real program in a project's directory, killed at a point where one is named. */
export function programIn(
  root: string,
): (argv: readonly string[], killAt?: string) => Promise<Ended> {
  return (argv, killAt) => {
    const [node, ...args] = PROGRAM
    const child = spawn(node, [...args, ...argv], { cwd: root, env: programEnv(killAt) })
    let out = ''
    child.stdout.on('data', (text: Buffer) => (out += text.toString()))
    return new Promise((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal, out })),
    )
  }
}

/** How many dead letters a project has. */
export async function lettersOf(live: ReturnType<typeof programIn>): Promise<number> {
  return (JSON.parse((await live(['dead-letters', '--format', 'json'])).out) as { total: number })
    .total
}
