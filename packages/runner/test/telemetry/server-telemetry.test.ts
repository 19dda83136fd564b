import { startSimulator } from '@engage-sync/braze-simulator'
import { expect, it, onTestFinished, vi } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { arrives, HOOK_ENV, hookProject, serveProcess, SHOPPERS } from '../serve/serving.ts'
import { collecting } from './collector.ts'
import type { Span } from './collector.ts'

/** A server that is told of to a collector, and that delivered something. */
async function served(more: Readonly<Record<string, string>> = {}) {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const collector = await collecting()
  const { root } = makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url),
    'configs/shoppers.yaml': SHOPPERS,
  })
  const soon = {
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_METRIC_EXPORT_TIMEOUT: '150',
  }
  const env = { ...HOOK_ENV, ...collector.env, ...soon, ...more }
  const server = await serveProcess(root, { env })
  for (const [minute, value] of [4711.25, 4712.25].entries()) {
    await server.post('/segment', traitLine('canary-user', 'lifetime_value', value, minute).trim())
    await arrives(simulator.url, 'canary-user', ['ltv', value])
  }
  return { ...collector, server }
}

const named = (spans: readonly Span[], name: string) => spans.filter((span) => span.name === name)

function numberOf({ attributes }: Span, key: string): number | undefined {
  return attributes.find((one) => one.key === key)?.value.intValue
}

it('is a trace for its start and one for each window, linked to it, and counts while it goes on', async () => {
  const { spans, text, server } = await served()
  const windows = () =>
    named(spans(), 'window').filter((span) => numberOf(span, 'engage_sync.users_changed') === 1)
  await vi.waitFor(() => expect(windows()).toHaveLength(2), { timeout: 10_000 })
  await vi.waitFor(() => expect(text('/v1/metrics')).toContain('engage_sync.received_records'), {
    timeout: 10_000,
  })

  server.child.kill('SIGTERM')
  await server.ended

  const [start] = named(spans(), 'engage-sync serve')
  expect(named(spans(), 'engage-sync serve')).toHaveLength(1)
  const [one, other] = windows()
  expect(one?.links).toMatchObject([{ traceId: start?.traceId, spanId: start?.spanId }])
  expect(new Set([start?.traceId, one?.traceId, other?.traceId]).size).toBe(3)
  expect(text('/v1/metrics')).toMatch(/engage_sync\.window_seconds/)
  expect(text('/v1/metrics')).toMatch(/engage_sync\.acknowledge_seconds_count/)
  expect(text()).not.toMatch(/canary-user|471[12]/)
})

it('samples its windows as the standard variables say', async () => {
  const { spans, text, server } = await served({ OTEL_TRACES_SAMPLER: 'always_off' })
  await vi.waitFor(() => expect(text('/v1/metrics')).toContain('engage_sync.windows'), {
    timeout: 10_000,
  })

  server.child.kill('SIGTERM')
  await server.ended

  expect(spans()).toEqual([])
})
