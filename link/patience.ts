// How long to wait for an answer before it counts as lost: the retransmission timer of RFC 6298, from the measured round trip and
// its variation, doubled while nothing is heard.

/** The timer's bounds, milliseconds. */
export interface PatienceBounds {
  /** Before anything was measured. */
  readonly first: number;
  readonly least: number;
  readonly most: number;
  /** Doubling stops here. */
  readonly doubled: number;
}

/** For a peer that may work for seconds on a request. */
const BOUNDS: PatienceBounds = { first: 500, least: 100, most: 2000, doubled: 2000 };

export class Patience {
  readonly #bounds: PatienceBounds;
  #timeout: number;
  #silences = 0; // in a row
  #roundTrip = 0;
  #variation = 0;

  constructor(bounds = BOUNDS) {
    this.#bounds = bounds;
    this.#timeout = bounds.first;
  }

  /** How long silence is borne now. */
  get ms(): number {
    return Math.max(this.#timeout, Math.min(this.#bounds.doubled, this.#timeout * 2 ** this.#silences));
  }

  /** An answer came. `roundTrip`: milliseconds since its request was sent, undefined if that was sent more than once (Karn's rule). */
  heard(roundTrip: number | undefined): void {
    this.#silences = 0;
    if (roundTrip === undefined) return;
    if (this.#roundTrip === 0) {
      this.#roundTrip = roundTrip;
      this.#variation = roundTrip / 2;
    } else {
      this.#variation += 0.25 * (Math.abs(this.#roundTrip - roundTrip) - this.#variation);
      this.#roundTrip += 0.125 * (roundTrip - this.#roundTrip);
    }
    const { least, most } = this.#bounds;
    this.#timeout = Math.min(most, Math.max(least, this.#roundTrip + 4 * this.#variation));
  }

  /** Nothing came for `ms`. */
  unheard(): void {
    this.#silences++;
  }
}
