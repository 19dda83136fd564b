import { describe, expect, it } from 'vitest'
import { RULES } from '../src/index.ts'
import type { RuleName } from '../src/index.ts'
import { SPECS } from './spec/index.ts'
import { runSpec } from './spec/probe.ts'
import type { Spec } from './spec/probe.ts'

const all = Object.values(SPECS).flat()

describe.each(Object.keys(RULES) as RuleName[])('without %s', (rule) => {
  const specs = all.filter((spec) => spec.rules.includes(rule))

  it('some spec depends on it', () => {
    expect(specs).not.toEqual([])
  })

  it.each(specs.map((spec) => [spec.title, spec] as const))('fails: %s', async (_, spec) => {
    expect(await isHeld(spec, rule)).toBe(false)
  })
})

async function isHeld(spec: Spec, off: RuleName): Promise<boolean> {
  try {
    await runSpec(spec, [off])
    return true
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') return false
    throw error
  }
}
