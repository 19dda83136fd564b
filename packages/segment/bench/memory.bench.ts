/* Peak anonymous memory of folding a file into empty rows, and once more: node memory.bench.ts FILE */
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
const result = {
  peak_mb_at_start: Math.round(atStart),
  peak_mb_first_load: Math.round(first),
  peak_mb_unchanged: Math.round(again),
  bytes_per_user: Math.round(run.byteLength / run.users),
}
process.stdout.write(`${JSON.stringify(result)}\n`)

async function peakOfPass(): Promise<number> {
  let peak = 0
  for await (const chunk of createFileSource({ path, root: '/' }).read(
    null,
    new AbortController().signal,
  )) {
    run.fold(chunk)
    peak = Math.max(peak, anonymousMegabytes())
  }
  return peak
}
