import type { Json, JsonObject } from '@engage-sync/contract'
import type { Engine } from '../engine/index.ts'
import { RULE_NAMES, SETTINGS, SETTING_NAMES, readSetting, splitName } from '../options/index.ts'
import type { RuleName, Settings } from '../options/index.ts'
import { isObject } from '../values/index.ts'

/** All switches with their values, and the rules that are off. */
export function settingsView({ settings, rules }: Engine): JsonObject {
  return {
    ...Object.fromEntries(
      SETTING_NAMES.map((name) => [splitName(name, '_'), settings[name] as Json]),
    ),
    rules_off: RULE_NAMES.filter((name) => !rules[name]),
  }
}

/**
 * Changes switches: `{"apply_delay_ms": 0, "rules": {"dateStrings": false}}`.
 *
 * Shape: all switches out, or the first thing that is wrong; then nothing has changed.
 */
export function changeSettings(
  body: Json,
  engine: Engine,
): JsonObject | { readonly problem: string } {
  if (!isObject(body)) return { problem: 'the body must be an object' }
  const changes: [keyof Settings, unknown][] = []
  for (const [key, value] of Object.entries(body)) {
    if (key === 'rules') continue
    const name = SETTING_NAMES.find((candidate) => splitName(candidate, '_') === key)
    if (name === undefined)
      return {
        problem: `${key} is unknown; use one of ${Object.keys(SETTINGS)
          .map((known) => splitName(known, '_'))
          .join(', ')}`,
      }
    const read = readSetting(name, value)
    if ('problem' in read) return { problem: `${key} ${read.problem}` }
    changes.push([name, read.value])
  }
  const rules = isObject(body.rules) ? Object.entries(body.rules) : []
  const unknown = rules.find(
    ([name, value]) => !RULE_NAMES.includes(name as RuleName) || typeof value !== 'boolean',
  )
  if (unknown !== undefined)
    return { problem: `rules.${unknown[0]} is unknown, or neither true nor false` }
  Object.assign(engine.settings, Object.fromEntries(changes))
  Object.assign(engine.rules, Object.fromEntries(rules))
  return settingsView(engine)
}
