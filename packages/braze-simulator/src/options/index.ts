/**
 * What can be chosen: how a simulator starts, its switches, the rules it keeps, the faults it
 * makes, and what is wrong with a choice.
 */
export { SimulatorError } from './errors.ts'
export { readFault } from './fault-options.ts'
export type { FaultOptions } from './fault-options.ts'
export { RULES, RULE_NAMES, allRules } from './rules.ts'
export type { Rule, RuleName, Rules } from './rules.ts'
export { SETTINGS, SETTING_NAMES, defaultSettings, readSetting, splitName } from './settings.ts'
export type { Setting, Settings } from './settings.ts'
export { DEFAULT_CREDENTIAL } from './simulator-options.ts'
export type { ApiKey, Partner, SegmentForm, SimulatorOptions } from './simulator-options.ts'
