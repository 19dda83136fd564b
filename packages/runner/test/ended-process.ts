import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { onTestFinished, vi } from 'vitest'

/** The program begins once its parent has become one that asks for nobody's end: a shell may ask. */
const scriptOf = (program: string) =>
  `(read go <&3; exec ${program} >/dev/null 2>&1) & echo $!; exec sleep 120`

/** Starts a program whose parent never asks for its end; resolves with its number, once it has ended all the same. */
export async function endUnnoticed(
  program: string,
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const parent = spawn('sh', ['-c', scriptOf(program)], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pid = await new Promise<number>((resolve) =>
    parent.stdout!.once('data', (data: Buffer) => resolve(Number(data))),
  )
  await vi.waitUntil(() => readFileSync(`/proc/${parent.pid}/comm`, 'latin1') === 'sleep\n')
  ;(parent.stdio[3] as NodeJS.WritableStream).write('go\n')
  await vi.waitUntil(() => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '), {
    timeout: 30_000,
  })
  return pid
}
