import { describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/plan/view.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import type { TestProject } from '../project.ts'
import { runCommand } from '../run-command.ts'

const HEAD = 'version: 1\nsource: engage\nidentity: { external_id: userId }\n'
const DATA =
  traitLine('u1', 'worth', 12) + traitLine('u2', 'worth', 7) + audienceLine('u1', 'vip', true)

function project(sync: string): TestProject {
  return makeProject({ 'configs/shoppers.yaml': HEAD + sync, 'data/a.ndjson': DATA })
}

/** The steps of a plan after a run with another configuration. */
async function steps(before: string, after: string): Promise<PlanView['by_hand']> {
  const { root, write } = project(before)
  await runCommand(['run'], { cwd: root })
  write('configs/shoppers.yaml', HEAD + after)
  const { out, err } = await runCommand(['plan', '--format', 'json'], { cwd: root })
  expect(err).toBe('')
  return (JSON.parse(out) as PlanView).by_hand
}

const texts = (found: PlanView['by_hand']) => found.map(({ text }) => text)

describe('what a plan leaves to do by hand', () => {
  it('is to point filters of a renamed attribute at its new name', async () => {
    const found = await steps('traits: { worth: ltv }\n', 'traits: { worth: lifetime_value }\n')

    expect(found).toEqual([
      {
        kind: 'filter',
        mapping: 'shoppers:traits.worth',
        text: 'Campaigns and segments that filter by `ltv`: point them at `lifetime_value`. `ltv` keeps its last values for 2 users until `retire: [{ attribute: ltv, by: unset }]`.',
        recipe: null,
      },
    ])
  })

  it('is to look after what a deleted mapping leaves, or a retired one takes', async () => {
    const before =
      'traits: { worth: { attribute: ltv, event: Worth } }\naudiences: { vip: { cohort: VIPs } }\n'

    const left = await steps(before, 'traits: { other: other }\n')
    const retired = await steps(
      'traits: { worth: ltv }\n',
      'traits: { other: other }\nretire: [{ attribute: ltv, by: unset }]\n',
    )

    expect(texts(left).join('\n')).toMatch(/filter by `ltv`: nothing fills it any more/)
    expect(texts(left).join('\n')).toMatch(/cohort `VIPs`: it keeps its last members/)
    expect(texts(retired)).toEqual([
      expect.stringMatching(/filter by `ltv`: stop before the run, which unsets it/),
    ])
  })

  it('is to change the data type of an attribute before Braze drops its values', async () => {
    const found = await steps(
      'traits: { worth: { attribute: ltv, type: number } }\n',
      'traits: { worth: { attribute: ltv, type: string } }\n',
    )

    expect(texts(found)).toEqual([expect.stringMatching(/`ltv` becomes string, and was number/)])
  })

  it('is to follow events that have other names, and to make properties segmentable', async () => {
    const found = await steps(
      'traits: { worth: { event: Worth } }\n',
      'traits: { worth: { event: { name: Value, properties: { worth: amount } } } }\n',
    )

    expect(texts(found)).toEqual([
      'Campaigns that `Worth` starts: it is `Value` now.',
      'To segment by properties of `Value` (`amount`), make them segmentable under Data Settings > Custom Events.',
    ])
  })

  it('says of an event that is no more sent for one mapping who still sends it', async () => {
    const gone = await steps(
      'traits: { worth: { event: Computed }, plan: { event: Computed }, tier: { event: Computed } }\n',
      'traits: { plan: { event: Computed }, tier: { event: Computed } }\n',
    )
    const renamed = await steps(
      'traits: { worth: { event: Computed }, plan: { event: Computed } }\n',
      'traits: { worth: { event: Worth }, plan: { event: Computed } }\n',
    )

    expect(texts(gone)).toEqual([
      'Campaigns that `Computed` starts for `worth`: it is not sent any more. 2 other mappings still send it.',
    ])
    expect(texts(renamed)[0]).toBe(
      'Campaigns that `Computed` starts for `worth`: it is `Worth` now. 1 other mapping still sends it.',
    )
  })

  it('is nothing where another mapping fills what one filled', async () => {
    expect(await steps('traits: { worth: ltv }\n', 'traits: { value: ltv }\n')).toEqual([])
  })

  it('is nothing but to know that a cohort has another name', async () => {
    const found = await steps(
      'audiences: { vip: { cohort: VIPs } }\n',
      'audiences: { vip: { cohort: Best } }\n',
    )

    expect(texts(found)).toEqual([
      'The cohort `VIPs` shows up as `Best`; segments that use it keep working.',
    ])
  })

  it('is to build a segment that is new, with its recipe, and to follow one that changed', async () => {
    const rich = (limit: number) =>
      `traits: { worth: { attribute: ltv, type: number } }\nsegments: { rich: { when: { trait: worth, more_than: ${limit} }, cohort: Rich } }\n`

    const fresh = await steps('traits: { worth: { attribute: ltv, type: number } }\n', rich(5))
    const other = await steps(rich(5), rich(8))

    expect(fresh).toMatchObject([
      {
        kind: 'segment',
        text: 'Build the segment `Rich`, for campaigns to target: `Segment Cohorts` includes `Rich`.',
        recipe: { name: 'Rich', exact: true },
      },
    ])
    expect(fresh[0].recipe!.lines.join('\n')).toContain('Custom Attributes "ltv" more than 5')
    expect(other).toMatchObject([
      { kind: 'segment', text: expect.stringMatching(/bring their filters in line/) },
    ])
    expect(other[0].recipe!.lines.join('\n')).toContain('more than 8')
  })

  it('names the property that a recipe counts events by', async () => {
    const found = await steps(
      'traits: { worth: { event: Trait Computed } }\n',
      'traits: { worth: { event: Trait Computed } }\nsegments: { busy: { when: { event: Trait Computed, trait: worth, more_than: 1, within_days: 7 }, attribute: busy } }\n',
    )

    expect(texts(found)).toContain(
      'The filters below count `Trait Computed` by its property `trait_key`: make it segmentable under Data Settings > Custom Events.',
    )
    expect(texts(found).at(-1)).toBe(
      'Build the segment `busy`, for campaigns to target: `Custom Attributes` `busy` is true.',
    )
  })

  it('names the cohorts that a missing partner key leaves out', async () => {
    const { root, write } = project('audiences: { vip: { attribute: vip, cohort: VIPs } }\n')
    write(
      'configs/engage-sync.yaml',
      'version: 1\nenvironments:\n  stage: { braze: { endpoint: "http://127.0.0.1:1", api_key: "${KEY}" }, sources: { engage: { events: data/*.ndjson } } }\n',
    )
    const where = { cwd: root, env: { KEY: 'k' } }
    await runCommand(['state', 'init', '--env', 'stage'], where)

    const { out } = await runCommand(['plan', '--env', 'stage', '--format', 'json'], where)

    expect((JSON.parse(out) as PlanView).by_hand[0]).toMatchObject({
      kind: 'partner_key',
      mapping: null,
      text: expect.stringMatching(/cohort `VIPs` cannot be sent/),
    })
  })

  it('stands in the plan for people, filters folded out', async () => {
    const { root } = project(
      'traits: { worth: { attribute: ltv, type: number } }\nsegments: { rich: { when: { trait: worth, more_than: 5 }, cohort: Rich } }\n',
    )

    const { out } = await runCommand(['plan'], { cwd: root })

    expect(out).toContain('By hand in Braze\n  ☐ Build the segment `Rich`')
    expect(out).toContain('\n      Custom Attributes "ltv" more than 5\n')
  })
})
