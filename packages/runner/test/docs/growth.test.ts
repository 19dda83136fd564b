import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Growth } from '../../bench/growth.ts'
import { drawGrowth } from '../../bench/growth-picture.ts'
import { ROOT } from './markdown.ts'

const figures = JSON.parse(readFileSync(join(ROOT, 'docs/growth.json'), 'utf8')) as Growth

describe('the picture of growth', () => {
  it('is what the figures beside it draw', () => {
    expect(readFileSync(join(ROOT, 'docs/growth.svg'), 'utf8')).toBe(drawGrowth(figures))
  })

  it('says the number of each size and line', () => {
    const shown = drawGrowth(figures)
    const numbers = figures.sizes.flatMap(({ subjects }) => [
      subjects['first load'].peak_mb,
      subjects['re-read'].peak_mb,
    ])

    for (const number of numbers) expect(shown).toContain(`>${number}</text>`)
  })
})
