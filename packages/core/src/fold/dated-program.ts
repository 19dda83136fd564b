import type { FoldProgram } from './program.ts'

/**
 * A program for reading at a time: records dated more than a day after it are not believed. @param
 * nowMs - of the run
 */
export function datedProgram(program: FoldProgram, nowMs: number): FoldProgram {
  return { ...program, plan: { ...program.plan, nowMs } }
}
