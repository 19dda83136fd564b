import { recordsOfPhase } from '../crash/workload.ts'
import { openFile, runAgainst } from './sea.ts'

/**
 * A run in a process of its own that freezes itself at its first answer, where no request is on its way
 * between the look at the lease and the network: `owner.ts <simulator> <directory> <birth> <lease ms>`.
 */
const [url, directory, birthMs, leaseTtlMs] = process.argv.slice(2)
let isAnswered = false

const { failure } = await runAgainst(
  url,
  { openStore: () => openFile(directory) },
  {
    lines: [1, 2].flatMap((phase) => recordsOfPhase(phase, Number(birthMs)).trim().split('\n')),
    leaseTtlMs: Number(leaseTtlMs),
    observe: ({ type }) => {
      if (type !== 'sent' || isAnswered) return
      isAnswered = true
      process.stdout.write('sent\n')
      process.kill(process.pid, 'SIGSTOP')
    },
  },
)
process.stdout.write(`ended ${failure === null ? 'well' : (failure as { code: string }).code}\n`)
