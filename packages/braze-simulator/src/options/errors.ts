/** What keeps the simulator from starting. `code` is stable; `hint` is the next step. */
export class SimulatorError extends Error {
  override name = 'SimulatorError'
  readonly code: 'SIMULATOR_OPTION' | 'SIMULATOR_PORT' | 'SIMULATOR_STORE' | 'SIMULATOR_STORE_BUSY'
  readonly hint: string

  constructor(code: SimulatorError['code'], message: string, hint: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}
