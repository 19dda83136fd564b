/** Data as the `json` format prints it: indented JSON with a line end, alone on standard output. */
export function renderJson(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`
}
