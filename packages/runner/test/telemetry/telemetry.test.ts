import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isAsked, resourceAttributes } from '../../src/telemetry/asked.ts'
import { BASE_ENV } from '../live-program.ts'
import { PROGRAM } from '../program.ts'
import { makeProject, traitLine } from '../project.ts'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly parentSpanId?: string
  readonly spanId: string
  readonly status?: { readonly code?: number; readonly message?: string }
}

/** A collector on this machine that is told as JSON. */
async function collecting() {
  const told = new Map<string, string>()
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => {
      told.set(request.url ?? '', (told.get(request.url ?? '') ?? '') + text)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    told,
    spans: () => {
      const { resourceSpans } = JSON.parse(told.get('/v1/traces') ?? '{}') as {
        resourceSpans: readonly { scopeSpans: readonly { spans: readonly Span[] }[] }[]
      }
      return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    },
  }
}

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
    const { env, told, spans } = await collecting()
    const { root } = makeProject(files)
    const parent = { TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }

    const { code } = await program(root, ['run', '--only', 'canary-user'], { ...env, ...parent })

    expect(code).toBe(0)
    const [fold, deliver, run] = ['fold', 'deliver', 'engage-sync run'].map((name) =>
      spans().find((span) => span.name === name),
    )
    expect(run).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) })
    expect([fold?.parentSpanId, deliver?.parentSpanId]).toEqual([run?.spanId, run?.spanId])
    expect(told.get('/v1/metrics')).toContain('engage_sync.run_data_points')
    expect([...told.keys()].toSorted()).toEqual(['/v1/metrics', '/v1/traces'])
    const everything = [...told.values()].join()
    expect(everything).toContain('"engage-sync"')
    expect(everything).not.toMatch(/canary-user|4711/)
  })

  it('tells by its code why it failed', async () => {
    const { env, spans } = await collecting()
    const { root } = makeProject({})

    await program(root, ['run', '--plan', 'none.json'], env)

    expect(spans()).toMatchObject([
      { name: 'engage-sync run', status: { code: 2, message: 'PLAN_UNREADABLE' } },
    ])
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
