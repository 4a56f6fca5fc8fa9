// Who may use the line: several at once, up to a number, or one alone; in the order asked for.

export class Turns {
  #count: number;
  #taken = 0;
  readonly #waiting: { readonly alone: boolean; readonly go: (places: number) => void }[] = [];

  /** @param count how many may use it at once */
  constructor(count: number) {
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }
  set count(count: number) {
    this.#count = count;
    this.#next();
  }

  /** Runs `task` among others, or alone, once its turn comes. */
  async take<T>(alone: boolean, task: () => Promise<T>): Promise<T> {
    const places = await new Promise<number>((go) => {
      this.#waiting.push({ alone, go });
      this.#next();
    });
    try {
      return await task();
    } finally {
      this.#taken -= places;
      this.#next();
    }
  }

  #next(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const places = first.alone ? this.#count : 1;
      if (this.#taken > 0 && this.#taken + places > this.#count) return;
      this.#waiting.shift();
      this.#taken += places;
      first.go(places);
    }
  }
}
