import { main } from '../src/main.ts'
import { fakeIo } from './fake-io.ts'
import type { FakeIoOptions } from './fake-io.ts'

/** Runs one command line in a directory, and gives back all it said. */
export async function runCommand(
  argv: readonly string[],
  options: FakeIoOptions = {},
): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo(options)
  const code = await main(argv, io)
  return { code, out: io.out(), err: io.err() }
}
