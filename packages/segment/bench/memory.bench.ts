/* Peak anonymous memory of folding a file into empty rows, and once more. Own process, so that nothing else is in it. */
import { parseArgs } from 'node:util'
import { createFileSource } from '../src/index.ts'
import { FoldRun, twelveSlots } from './fold-run.ts'
import { anonymousMegabytes } from './measure.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const [path] = positionals
const atStart = anonymousMegabytes()
const run = new FoldRun(twelveSlots())
const first = await peakOfPass()
run.deliver()
const again = await peakOfPass()
process.stdout.write(
  `${JSON.stringify({ mb_at_start: Math.round(atStart), mb_first: Math.round(first), mb_again: Math.round(again), mb_rows: Math.round(run.byteLength / 1e6) })}\n`,
)

async function peakOfPass(): Promise<number> {
  let peak = 0
  for await (const chunk of createFileSource({ path, root: '/' }).read(null, new AbortController().signal)) {
    run.fold(chunk)
    peak = Math.max(peak, anonymousMegabytes())
  }
  return peak
}
