/** How much is made room for at once, bytes. */
const ROOM = 2 ** 26

/** Records as bytes in one place, of which no collection of garbage has to look at each. */
export class MadeRecords {
  readonly #ends: Float64Array
  #bytes = Buffer.allocUnsafe(ROOM)

  /** @param textOf - the record with a number, as JSON */
  constructor(count: number, textOf: (number: number) => string) {
    this.#ends = new Float64Array(count + 1)
    for (let number = 0; number < count; number++) this.#add(number, Buffer.from(textOf(number)))
  }

  /** The record with a number. @throws where fewer were made */
  at(number: number): Uint8Array {
    if (number + 1 >= this.#ends.length) throw new Error('fewer records were made than are sent')
    return this.#bytes.subarray(this.#ends[number], this.#ends[number + 1])
  }

  #add(number: number, record: Uint8Array): void {
    const from = this.#ends[number] ?? 0
    const to = from + record.length
    if (to > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], Math.max(to, this.#bytes.length * 2))
    this.#bytes.set(record, from)
    this.#ends[number + 1] = to
  }
}
