// Reads fields out of a module's answers. What comes over a line is checked here, once, so the rest can rely on it.
import { SensorError } from "../errors.ts";
import type { Body } from "./messages.ts";

const MAX_TEXT = 64;

/** One answer, read field by field; an unfit field raises KAN-SENSOR-ANSWER naming the answer and the field, not its content. */
export class Fields {
  readonly #body: Body;
  readonly #what: string;

  constructor(body: unknown, what: string) {
    this.#what = what;
    if (typeof body !== "object" || body === null || Array.isArray(body) || body instanceof Uint8Array)
      throw this.#unfit("", "a map");
    this.#body = body as Body;
  }

  has(name: string): boolean {
    return this.#body[name] !== undefined;
  }

  integer(name: string, min: number, max: number): number {
    const value = this.#body[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw this.#unfit(name, `an integer from ${min} to ${max}`);
  }

  text(name: string): string {
    const value = this.#body[name];
    if (typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT && !/\p{C}/u.test(value))
      return value;
    throw this.#unfit(name, `a text of 1 to ${MAX_TEXT} printable characters`);
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#body[name];
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw this.#unfit(name, `one of ${choices.join(", ")}`);
  }

  bytes(name: string): Uint8Array {
    const value = this.#body[name];
    if (value instanceof Uint8Array) return value;
    throw this.#unfit(name, "a byte string");
  }

  /** A map inside this one. */
  map(name: string): Fields {
    return new Fields(this.#body[name], `${this.#what}, field ${name}`);
  }

  /** A list of maps. */
  list(name: string, min: number, max: number): Fields[] {
    const value = this.#body[name];
    if (!Array.isArray(value) || value.length < min || value.length > max)
      throw this.#unfit(name, `a list of ${min} to ${max} maps`);
    return value.map((item, i) => new Fields(item, `${this.#what}, field ${name}[${i}]`));
  }

  /** A list of integers. */
  numbers(name: string, min: number, max: number, entries: number): number[] {
    const value = this.#body[name];
    if (!Array.isArray(value) || value.length > entries)
      throw this.#unfit(name, `a list of at most ${entries} integers`);
    return value.map((item, i) => new Fields({ [name]: item }, `${this.#what}, item ${i}`).integer(name, min, max));
  }

  /** All entries of this map as integers by name. */
  integers(min: number, max: number, entries: number): Record<string, number> {
    return Object.fromEntries(this.#names(entries).map((name) => [name, this.integer(name, min, max)]));
  }

  /** All entries of this map as one of `choices` by name. */
  choices<T extends string>(choices: readonly T[], entries: number): Record<string, T> {
    return Object.fromEntries(this.#names(entries).map((name) => [name, this.choice(name, choices)]));
  }

  #names(entries: number): string[] {
    const names = Object.keys(this.#body);
    if (names.length > entries) throw this.#unfit("", `a map of at most ${entries} entries`);
    return names;
  }

  #unfit(name: string, wanted: string): SensorError {
    const where = name === "" ? this.#what : `${this.#what}, field ${name}`;
    return new SensorError("KAN-SENSOR-ANSWER", `the sensor's answer does not fit (${where}): expected ${wanted}`);
  }
}
