/** A few milliseconds of work. */
const SLICE = 200

/** Works on the lists of one request, which may be long, so that other connections have their turn in between. */
export class Turns {
  #left = SLICE

  /**
   * In the order of the list, one after the other, also where lists are in lists. What was seen before an element need not
   * be so any more: `work` looks for itself.
   */
  async map<I, O>(items: readonly I[], work: (item: I) => O | Promise<O>): Promise<readonly O[]> {
    const done: O[] = []
    for (const item of items) {
      if (this.#left-- === 0) await this.#pass()
      done.push(await work(item))
    }
    return done
  }

  async #pass(): Promise<void> {
    this.#left = SLICE
    await new Promise((resolve) => setImmediate(resolve))
  }
}
