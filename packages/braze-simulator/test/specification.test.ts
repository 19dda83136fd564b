import { describe, it } from 'vitest'
import { SPECS } from './spec/index.ts'
import { runSpec } from './spec/probe.ts'

describe.each(Object.entries(SPECS))('%s', (_, specs) => {
  it.each(specs.map((spec) => [spec.title, spec] as const))('%s', (__, spec) => runSpec(spec))
})
