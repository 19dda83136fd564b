import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Traffic } from './traffic.ts'

/** A simulator that counts and keeps nothing, in a process of its own. */
export interface Sink {
  readonly url: string
  /** What was sent to it since this was asked last. */
  takeTraffic(): Promise<Traffic>
  stop(): Promise<void>
}

/** Starts one on a free port. It ends with its parent. */
export async function startSink(options: { readonly answerDelayMs: number }): Promise<Sink> {
  const child = fork(join(import.meta.dirname, 'sink-process.ts'), [String(options.answerDelayMs)])
  return {
    url: await nextMessage<string>(child),
    takeTraffic: () => {
      const traffic = nextMessage<Traffic>(child)
      child.send('traffic')
      return traffic
    },
    stop: async () => {
      const ended = once(child, 'close')
      child.kill()
      await ended
    },
  }
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, 'message')) as [T]
  return message
}
