import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import { Argument } from 'commander'
import { EXIT } from '../../exit.ts'
import { countOf, formatBytes } from '../../output/numbers.ts'
import { exportLines } from '../../state/export-state.ts'
import { holdingLease, withState } from '../../workspace/with-state.ts'
import { defineCommand } from '../command.ts'

/** `state export FILE`: all of a state in one file, readable by its owner only. */
export const exportCommand = defineCommand({
  configure(command) {
    command.addArgument(new Argument('<file>', 'a file that does not exist yet')).addHelpText('after', HELP)
  },
  run: (io, flags, [file]) =>
    withState(io, flags, async (store) => {
      const path = resolve(io.cwd, file!)
      const { lines, bytes } = await holdingLease(store, 'state export', () => writeLines(path, file!, exportLines(store)))
      io.stdout.write(
        `Wrote ${countOf(lines, 'line')}, ${formatBytes(bytes)}, to ${file}. It names your users: keep it as safe as the state.\n`,
      )
      return EXIT.done
    }),
})

const HELP = `
The file moves a state between SQLite and PostgreSQL, or between machines: \`engage-sync state import\`.
`

async function writeLines(
  path: string,
  shown: string,
  lines: AsyncIterable<string>,
): Promise<{ readonly lines: number; readonly bytes: number }> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new SyncError('USAGE_OUT_FILE', `${shown} cannot be made (${error.code ?? 'unknown'})`, {
      hint:
        error.code === 'EEXIST'
          ? 'It is there already, and is not overwritten. Choose another name.'
          : 'Check the path and its permissions.',
    })
  })
  let count = 0
  let bytes = 0
  try {
    for await (const line of lines) {
      await file.appendFile(line)
      count++
      bytes += Buffer.byteLength(line)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return { lines: count, bytes }
}
