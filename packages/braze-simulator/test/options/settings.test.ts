import { describe, expect, it } from 'vitest'
import {
  SETTINGS,
  SETTING_NAMES,
  defaultSettings,
  readSetting,
  splitName,
} from '../../src/options/settings.ts'

describe('readSetting', () => {
  it('takes every default, as a value and as text', () => {
    for (const name of SETTING_NAMES) {
      const { default: initial } = SETTINGS[name]
      expect(readSetting(name, initial)).toEqual({ value: initial })
      expect(
        readSetting(name, Array.isArray(initial) ? initial.join(',') : String(initial)),
      ).toEqual({ value: initial })
    }
  })

  it.each([
    ['objectLimit', 75, 'must be one of combined75, perArray75, combined50'],
    ['applyDelayMs', -1, 'must be a whole number, 0 or more'],
    ['applyDelayMs', '', 'must be a whole number, 0 or more'],
    ['applyDelayMs', null, 'must be a whole number, 0 or more'],
    ['applyShuffle', 1, 'must be true or false'],
    ['blockedUsers', [1], 'must be a list of texts'],
  ] as const)('refuses %s of %j', (name, value, problem) => {
    expect(readSetting(name, value)).toEqual({ problem })
  })
})

it('starts with the default of every switch', () => {
  expect(Object.keys(defaultSettings())).toEqual(SETTING_NAMES)
})

it('splits names', () => {
  expect([splitName('applyDelayMs', '_'), splitName('applyDelayMs', '-')]).toEqual([
    'apply_delay_ms',
    'apply-delay-ms',
  ])
})
