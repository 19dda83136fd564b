import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { onTestFinished, vi } from 'vitest'

/** Starts a program whose parent never asks for its end; resolves with its number, once it has ended all the same. */
export async function endUnnoticed(
  program: string,
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const parent = spawn('sh', ['-c', `${program} >/dev/null 2>&1 & echo $!; exec sleep 120`], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (data: Buffer) => resolve(Number(data))))
  await vi.waitUntil(() => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '), { timeout: 30_000 })
  return pid
}
