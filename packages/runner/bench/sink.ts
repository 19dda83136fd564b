import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

/** A simulator that counts and keeps nothing, in a process of its own. */
export interface Sink {
  readonly url: string
  stop(): Promise<void>
}

const COMMAND = join(import.meta.dirname, '../../braze-simulator/dist/bin.js')

/** Starts one on a free port. It ends with its parent. */
export async function startSink(options: { readonly answerDelayMs: number }): Promise<Sink> {
  const child = spawn(process.execPath, [COMMAND, '--port', '0', '--lean', '--answer-delay-ms', String(options.answerDelayMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    url: /http:\S+/.exec(line)![0],
    stop: async () => {
      const ended = once(child, 'close')
      child.kill()
      await ended
    },
  }
}
