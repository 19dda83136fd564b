import { expect, it } from 'vitest'
import { findBrowser } from '../src/browser.ts'

const MISSING = '/nowhere/chromium'

it('finds the browser that is named', () => {
  expect(findBrowser({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath)
})

it('lets tests of pages be left out where there is none, but never in CI', () => {
  expect(findBrowser({ CHROMIUM_PATH: MISSING })).toBe(null)
  expect(() => findBrowser({ CHROMIUM_PATH: MISSING, CI: 'true' })).toThrow(
    /apt-get install chromium/,
  )
})
