import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Inputs } from './inputs.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Runs engage-sync with these arguments; its outputs are those of the job. Resolves to its exit code. */
export type Program = (args: readonly string[]) => Promise<number>

/** Exit code of a program that could not even be started, as shells have it. */
const NOT_STARTED = 127

/**
 * Finds engage-sync: what the input names, what the project has installed, or else the package in its exact version.
 *
 * Scripts of packages do not run when it is installed.
 *
 * @throws {Error} when it is nowhere, and no version is named
 */
export async function findProgram({ command, version }: Inputs, env: Env): Promise<Program> {
  if (command !== '') return (args) => start([...command.split(/\s+/), ...args], env)
  const own = join(process.cwd(), 'node_modules', '.bin', 'engage-sync')
  if (existsSync(own)) return (args) => start([own, ...args], env)
  if (version === '') throw new Error('engage-sync is not installed here, and no version is named')
  const prefix = join(env['RUNNER_TEMP'] ?? process.cwd(), `engage-sync-${version}`)
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix]
  const code = await start(['npm', 'install', ...options, `@engage-sync/runner@${version}`], env)
  if (code !== 0) throw new Error(`npm could not install @engage-sync/runner@${version}`)
  return (args) => start([join(prefix, 'node_modules', '.bin', 'engage-sync'), ...args], env)
}

/** The token of the job is none of the program's business. */
function start(
  [file = '', ...args]: readonly string[],
  { INPUT_TOKEN: _token, ...env }: Env,
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'inherit', env })
    child.once('error', (error) => {
      process.stdout.write(`${file} could not be started: ${error.message}\n`)
      resolve(NOT_STARTED)
    })
    child.once('close', (code, signal) =>
      resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 130 : 1)),
    )
  })
}
