/** The command line: its flags and how they become options. */
export { helpText } from './flags.ts'
export { readCommandLine } from './read-options.ts'
