import { brazeRecipe, loadConfig } from '@engage-sync/core'
import { testSeed } from '@engage-sync/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readRecipe } from './dashboard-reader.ts'
import { makeWorld, recipeFilter, worldCall } from './recipe-world.ts'

const TYPES: Readonly<Record<string, string>> = { words: 'array' }

it('a recipe takes the very users of its segment, or says that it does not', async () => {
  let exact = 0
  let all = 0
  const world = fc.record({
    calls: fc.array(worldCall, { minLength: 60, maxLength: 160 }),
    segments: fc.array(recipeFilter, { minLength: 40, maxLength: 40 }),
  })

  await fc.assert(
    fc.asyncProperty(world, async ({ calls, segments }) => {
      const { files, select, simulator, report } = await makeWorld(calls, segments)
      try {
        expect(report.status).toBe('done')
        const { syncs } = loadConfig(
          Object.entries(files)
            .map(([path, text]) => ({ path, text }))
            .filter(({ path }) => path.endsWith('.yaml')),
        )
        for (const [index, when] of segments.entries()) {
          const recipe = brazeRecipe(syncs[0].segments.get(`s${index}`)!, syncs[0])
          all += 1
          if (!recipe.exact) {
            expect(recipe.notes).not.toEqual([])
            continue
          }
          exact += 1
          const members = await select({
            custom_attribute: {
              custom_attribute_name: `s${index}`,
              comparison: 'equals',
              value: true,
            },
          })
          const filter = readRecipe(recipe.filters, (name) => TYPES[name] ?? 'string')
          // What Braze's documents leave open of missing values must make no difference.
          for (const absentMatchesNot of [true, false]) {
            simulator.settings.absentMatchesNot = absentMatchesNot
            expect({ when, lines: recipe.lines, users: await select(filter) }).toEqual({
              when,
              lines: recipe.lines,
              users: members,
            })
          }
        }
      } finally {
        await simulator.close()
      }
    }),
    { numRuns: 2, seed: testSeed(), endOnFailure: true },
  )

  // About three of four; what is not exact is held by the tests of recipes.
  expect(exact / all).toBeGreaterThan(0.5)
})
