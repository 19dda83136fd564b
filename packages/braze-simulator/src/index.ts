export { startSimulator } from './simulator.ts'
export type { Simulator } from './simulator.ts'
export { RULES, SETTINGS, SimulatorError } from './options/index.ts'
export type {
  ApiKey,
  FaultOptions,
  Partner,
  SegmentForm,
  Rule,
  RuleName,
  Rules,
  Setting,
  Settings,
  SimulatorOptions,
} from './options/index.ts'
export type { Fault } from './traffic/index.ts'
