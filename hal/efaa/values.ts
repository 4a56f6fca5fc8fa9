// Values on their way to a module, checked before they are sent, and on their way back, checked before they are believed: eight bits of
// parity let one damaged frame in 256 through.
import type { Modality } from "../driver.ts";
import type { EnrolledUsers, VerifyOutcome } from "../on-module.ts";
import { type Dialect, type Family, type Listing, MATCH } from "./dialects.ts";
import { ModuleError } from "./errors.ts";
import { type Reply, readName, u16 } from "./messages.ts";

const TIMEOUT_S = 10;
/** A flow whose poses are not complete gives no id (E). */
const NO_ID = 0xffff;

/** The time-out for a flow. Raises KAN-MODULE-INPUT. */
export function timeout(seconds = TIMEOUT_S): number {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 255) return seconds;
  throw new ModuleError("KAN-MODULE-INPUT", `a module waits 1 to 255 whole seconds, not ${seconds}`);
}

/** A name as the module keeps it. Raises KAN-MODULE-INPUT. */
export function nameBytes(name: string, dialect: Dialect, family: Family): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length >= 1 && bytes.length <= dialect.nameBytes && !/\p{Cc}/u.test(name)) return bytes;
  throw new ModuleError(
    "KAN-MODULE-INPUT",
    `a name for ${family} is 1 to ${dialect.nameBytes} bytes of printable text in UTF-8`,
  );
}

/** Which users the id belongs to, and how one is deleted. Raises KAN-MODULE-INPUT. */
export function idPlace(id: number, dialect: Dialect, family: Family): Dialect["ids"][number] {
  const place = placeOf(id, dialect);
  if (place) return place;
  const ranges = dialect.ids.map(({ modality, first, last }) => `${first} to ${last} (${modality})`).join(", ");
  throw new ModuleError("KAN-MODULE-INPUT", `${family} has no user ${id}: ids are ${ranges}`);
}

function placeOf(id: number, dialect: Dialect): Dialect["ids"][number] | undefined {
  return Number.isInteger(id) ? dialect.ids.find(({ first, last }) => id >= first && id <= last) : undefined;
}

function wrong(what: string, where: string): ModuleError {
  return new ModuleError("KAN-MODULE-ANSWER", `the module on ${where} gave ${what}`);
}

/** The new user's id; undefined while poses are missing. Raises KAN-MODULE-ANSWER. */
export function readEnrolled({ body }: Reply, dialect: Dialect, where: string, last: boolean): number | undefined {
  if (body.length < 2) throw wrong("an enrolment without an id", where);
  const id = u16(body, 0);
  if (id === NO_ID && !last) return undefined;
  if (!placeOf(id, dialect)) throw wrong(`an enrolment under an id it does not have (${id})`, where);
  return id;
}

/** Who was matched. The reply's copy is zeroed. Raises KAN-MODULE-ANSWER. */
export function readMatch({ body }: Reply, dialect: Dialect, where: string): VerifyOutcome {
  try {
    const { kinds } = dialect;
    if (body.length < (kinds ? MATCH.kind + 1 : MATCH.admin)) throw wrong(`a match of ${body.length} bytes`, where);
    const id = u16(body, MATCH.id);
    const place = placeOf(id, dialect);
    const modality: Modality | undefined = kinds ? kinds[body[MATCH.kind] as number] : place?.modality;
    if (!place || place.modality !== modality) throw wrong(`a match whose id and kind do not fit (${id})`, where);
    const name = readName(body.subarray(MATCH.name, MATCH.admin));
    return { matched: true, id, name, admin: body[MATCH.admin] === 1, modality };
  } finally {
    body.fill(0);
  }
}

/** Who is enrolled. Raises KAN-MODULE-ANSWER. */
export function readUsers({ body }: Reply, { modality, countBytes, ids }: Listing, where: string): EnrolledUsers {
  const count = countBytes === 1 ? body[0] : body.length > 1 ? u16(body, 0) : undefined;
  if (count === undefined) throw wrong("a list without a count", where);
  if (!ids) return { modality, count };
  // A list may have room for more: the count says what of it is filled.
  if (body.length < countBytes + 2 * count) throw wrong(`a list of ${count} ids in ${body.length} bytes`, where);
  return { modality, count, ids: Array.from({ length: count }, (_, i) => u16(body, countBytes + 2 * i)) };
}
