// What a simulated module that matches by itself keeps: who is enrolled. People are numbers; nothing here is a template of anybody.
import type { Modality } from "../driver.ts";
import type { Family } from "../efaa/dialects.ts";

export interface EfaaUser {
  readonly person: number;
  readonly modality: Modality;
  readonly name: Uint8Array;
  readonly admin: boolean;
}

/** First and last id of each modality. HLK's room is in no source, 50 is ours; DFRobot's is as its driver has it. */
const IDS: { readonly [family in Family]: readonly (readonly [Modality, number, number])[] } = {
  "hlk-fm22x": [["face", 0, 49]],
  "dfrobot-biometric": [
    ["face", 1, 500],
    ["palm", 501, 800],
  ],
};

export class EfaaUsers {
  readonly #family: Family;
  readonly #users = new Map<number, EfaaUser>();

  constructor(family: Family) {
    this.#family = family;
  }

  /** Keeps a user under the least free id; undefined: full. */
  add(user: EfaaUser): number | undefined {
    const [, first, last] = IDS[this.#family].find(([modality]) => modality === user.modality) ?? ["face", 0, -1];
    for (let id = first; id <= last; id++) {
      if (this.#users.has(id)) continue;
      this.#users.set(id, user);
      return id;
    }
    return undefined;
  }

  /** Puts a user back under their id. */
  put(id: number, user: EfaaUser): void {
    this.#users.set(id, user);
  }

  find(person: number, modality: Modality): number | undefined {
    for (const [id, user] of this.#users) if (user.person === person && user.modality === modality) return id;
    return undefined;
  }

  get(id: number): EfaaUser | undefined {
    return this.#users.get(id);
  }

  /** Ids in order, of one modality or of all. */
  ids(modality?: Modality): number[] {
    const all = [...this.#users].filter(([, user]) => modality === undefined || user.modality === modality);
    return all.map(([id]) => id).sort((a, b) => a - b);
  }

  delete(id: number): boolean {
    return this.#users.delete(id);
  }

  clear(): void {
    this.#users.clear();
  }
}
