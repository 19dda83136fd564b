import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const people = (member: boolean, minute: number) =>
  Array.from({ length: 120 }, (_, n) =>
    audienceLine(`user-${n}`, 'dormant_shopper', member, minute),
  ).join('')

function project() {
  const { root, write } = makeProject({
    'data/a.ndjson': people(true, 0) + traitLine('ada', 'lifetime_value', 'none'),
  })
  const run = (line: string) =>
    runCommand([...line.split(' '), '--metrics', 'metrics.prom'], { cwd: root })
  const read = () => readFileSync(join(root, 'metrics.prom'), 'utf8')
  return { root, write, run, read }
}

/** Names, labels and numbers; text that ends as it must. */
const LINE =
  /^(?:# (?:TYPE|HELP) engage_sync_\w+ .+|engage_sync_\w+\{(?:\w+="[^"\n]*",?)+\} -?[\d.]+(?:e[+-]?\d+)?)$/

it('writes the figures of a run, whatever it came to', async () => {
  const { root, write, run, read } = project()

  await run('run')
  const done = read()
  for (const line of done.trimEnd().split('\n').slice(0, -1)) expect(line).toMatch(LINE)
  expect(done.endsWith('\n# EOF\n')).toBe(true)
  expect(done).toContain('engage_sync_run_status{environment="local",status="partial"} 1')
  expect(done).toContain('engage_sync_run_records{environment="local",class="changed"} 120')
  expect(done).toContain('engage_sync_run_values_rejected{environment="local"} 1')
  expect(done).toContain(
    'engage_sync_mapping_members{environment="local",mapping="shoppers:audiences.dormant_shopper"} 120',
  )
  expect(done).toContain('engage_sync_run_reasons{environment="local",code="CAST_NUMBER"} 1')

  write('data/b.ndjson', people(false, 5))
  await run('run')
  expect(read()).toContain('engage_sync_run_status{environment="local",status="stopped"} 1')
  expect(read()).toContain('engage_sync_run_error{environment="local",code="GUARD_STOPPED"} 1')

  expect((await run('run --plan nowhere.json')).code).toBe(2)
  expect(read()).toContain('engage_sync_run_error{environment="local",code="PLAN_UNREADABLE"} 1')
  expect(read()).not.toContain('engage_sync_run_records')
  expect(readdirSync(root).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

it('writes those of a plan', async () => {
  const { run, read } = project()

  await run('plan')

  expect(read()).toContain('engage_sync_plan_users{environment="local",what="changed"} 120')
  expect(read()).toMatch(/engage_sync_plan_mapping_joins\{.*dormant_shopper"\} 120/)
})

it('says where they cannot be written, and reports all the same', async () => {
  const { root } = project()
  const nowhere = ['--metrics', 'no/such/place']

  const ran = await runCommand(['run', ...nowhere], { cwd: root })
  const planned = await runCommand(['plan', ...nowhere], { cwd: root })

  expect(ran).toMatchObject({
    code: 1,
    err: expect.stringContaining('USAGE_OUT_FILE'),
    out: expect.stringContaining('121  records read'),
  })
  expect(planned).toMatchObject({ code: 2, err: expect.stringContaining('USAGE_OUT_FILE') })
})
