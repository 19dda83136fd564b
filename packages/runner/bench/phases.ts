/*
 * Where the time of one run goes: CPU of the main thread and wall, phase by phase, and what commits took.
 *
 * Run in a project's directory: `node phases.ts [--reread]`. Prints JSON.
 */
import { engineOptions } from '../dist/commands/run.js'
import { Run } from '../dist/engine/index.js'
import { openEnvironment, openWorkspace } from '../dist/workspace/open-workspace.js'

const io = {
  stdout: { write: () => undefined, isTTY: false, columns: 100 },
  stderr: { write: () => undefined, isTTY: false, columns: 100 },
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  now: Date.now,
  signal: new AbortController().signal,
}
const flags = { configs: 'configs', env: 'local', isEnvDefault: true, reread: process.argv.includes('--reread') }

const marks: { readonly name: string; readonly cpu: number; readonly wall: number }[] = []
const mark = (name: string) => {
  const { user, system } = process.threadCpuUsage()
  marks.push({ name, cpu: (user + system) / 1e6, wall: performance.now() / 1000 })
}

mark('start')
const opened = openEnvironment(io, flags)
const workspace = await openWorkspace(opened, opened.config.syncs)
mark('open')
let isSending = false
const run = new Run({
  ...engineOptions(io, flags, workspace),
  observe: ({ type }) => {
    if (type === 'sent') isSending = true
    else if (type === 'planned' || type === 'finished') mark(type)
  },
})
await run.execute()
mark('committed')
await workspace.close()
mark('closed')
const phases = marks.slice(1).map(({ name, cpu, wall }, index) => ({
  phase: name,
  cpu_seconds: Number((cpu - marks[index].cpu).toFixed(3)),
  wall_seconds: Number((wall - marks[index].wall).toFixed(3)),
}))
process.stdout.write(`${JSON.stringify({ start_cpu_seconds: marks[0].cpu, sent: isSending, phases }, null, 2)}\n`)
