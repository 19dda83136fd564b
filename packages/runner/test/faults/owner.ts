import { recordsOfPhase } from '../crash/workload.ts'
import { openFile, runAgainst } from './sea.ts'

/**
 * A run in a process of its own, so that it can be frozen: `owner.ts <simulator> <directory>
 * <birth> <lease ms>`.
 */
const [url, directory, birthMs, leaseTtlMs] = process.argv.slice(2)

const { failure } = await runAgainst(
  url,
  { openStore: () => openFile(directory) },
  {
    lines: [1, 2].flatMap((phase) => recordsOfPhase(phase, Number(birthMs)).trim().split('\n')),
    leaseTtlMs: Number(leaseTtlMs),
    observe: ({ type }) => {
      if (type === 'sent') process.stdout.write('sent\n')
    },
  },
)
process.stdout.write(`ended ${failure === null ? 'well' : (failure as { code: string }).code}\n`)
