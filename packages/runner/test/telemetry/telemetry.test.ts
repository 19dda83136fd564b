import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { isAsked, resourceAttributes } from '../../src/telemetry/asked.ts'
import { BASE_ENV } from '../live-program.ts'
import { PROGRAM } from '../program.ts'
import { makeProject, traitLine } from '../project.ts'
import { collecting } from './collector.ts'

async function program(cwd: string, argv: readonly string[], env: NodeJS.ProcessEnv) {
  const [node, ...args] = PROGRAM
  const child = spawn(node, [...args, ...argv], { cwd, env: { ...BASE_ENV, ...env } })
  let err = ''
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  child.stdout.resume()
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, err }
}

const files = { 'data/a.ndjson': traitLine('canary-user', 'lifetime_value', 4711.25) }

describe('a run that OpenTelemetry is asked for', () => {
  it('is a trace with its phases, and its figures are metrics', async () => {
    const { env, paths, text, spans } = await collecting()
    const { root } = makeProject(files)
    const parent = { TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }

    const { code } = await program(root, ['run', '--only', 'canary-user'], { ...env, ...parent })

    expect(code).toBe(0)
    const [fold, deliver, run] = ['fold', 'deliver', 'engage-sync run'].map((name) =>
      spans().find((span) => span.name === name),
    )
    expect(run).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) })
    expect([fold?.parentSpanId, deliver?.parentSpanId]).toEqual([run?.spanId, run?.spanId])
    expect(text('/v1/metrics')).toContain('engage_sync.run_data_points')
    expect(paths()).toEqual(['/v1/metrics', '/v1/traces'])
    expect(text()).toContain('"engage-sync"')
    expect(text()).not.toMatch(/canary-user|4711/)
  })

  it('tells by its code why it failed', async () => {
    const { env, spans } = await collecting()
    const { root } = makeProject({})

    await program(root, ['run', '--plan', 'none.json'], env)

    expect(spans()).toMatchObject([
      { name: 'engage-sync run', status: { code: 2, message: 'PLAN_UNREADABLE' } },
    ])
  })

  it('is told of a plan and of a retry, too, each under its name', async () => {
    const { env, text, spans } = await collecting()
    const lines = { 'data/a.ndjson': traitLine('canary-user', 'lifetime_value', 'canary-value') }
    const { root } = makeProject(lines)

    await program(root, ['plan'], env)
    expect(text('/v1/metrics')).toContain('engage_sync.plan_data_points')
    expect(text('/v1/metrics')).not.toContain('engage_sync.run_')
    await program(root, ['run'], {})
    await program(root, ['retry', '--all'], env)

    const roots = spans().filter(({ parentSpanId = '' }) => parentSpanId === '')
    expect(roots.map(({ name }) => name)).toEqual(['engage-sync plan', 'engage-sync retry'])
    expect(spans().map(({ name }) => name)).toContain('deliver')
    expect(text('/v1/metrics')).toContain('engage_sync.run_data_points')
    expect(text()).not.toMatch(/canary/)
  })

  it('goes as it goes where nobody collects', async () => {
    const { root } = makeProject(files)
    const nobody = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    }

    expect(await program(root, ['run'], nobody)).toMatchObject({ code: 0 })
  })
})

describe('what asks for it', () => {
  it.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ OTEL_TRACES_EXPORTER: 'console' }, true],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:1' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }, false],
  ])('%o: %s', (env, asked) => {
    expect(isAsked(env)).toBe(asked)
  })

  it('names who sends by pairs', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'team=life%20cycle, env=prod,broken,=x,p=%zz' }

    expect(resourceAttributes(env)).toEqual({ team: 'life cycle', env: 'prod', p: '%zz' })
  })
})
