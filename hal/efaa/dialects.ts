// The two families as tables: which commands they know, how long they take, what goes into them and what comes out. Letters name the
// sources, see messages.ts; docs/efaa.md says what none of them confirms.
import type { Modality } from "../driver.ts";
import { COMMAND, type CommandName } from "./messages.ts";

export const FAMILIES = ["hlk-fm22x", "dfrobot-biometric"] as const;
export type Family = (typeof FAMILIES)[number];

/** How a command is asked. */
export interface Timing {
  /** How long its reply may take; for flows, beyond the time-out handed to the module. */
  readonly reply_ms: number;
  /** Asked again when its reply was lost: only where doing it twice does what doing it once does. */
  readonly repeat?: true;
  /** No source has this command for this family: it is tried, and silence is no fault. */
  readonly unconfirmed?: true;
}

/** One way of asking who is enrolled. */
export interface Listing {
  readonly modality: Modality;
  readonly data: readonly number[];
  /** Bytes of the count in front. */
  readonly countBytes: 1 | 2;
  /** Whether ids of two bytes follow. */
  readonly ids: boolean;
}

/** One presentation of an enrolment. `direction`: the module's byte for it. */
export interface Pose {
  readonly name: string;
  readonly direction: number;
}

export interface Dialect {
  readonly vendor: string;
  readonly modalities: readonly Modality[];
  readonly commands: { readonly [command in CommandName]?: Timing };
  /** Ids of users: which of them are whose, and how they are deleted (`kind`: a byte behind the id). */
  readonly ids: readonly {
    readonly modality: Modality;
    readonly first: number;
    readonly last: number;
    readonly command: "deleteUser" | "deletePalm";
    readonly kind?: number;
  }[];
  readonly deleteAll: readonly number[];
  readonly lists: readonly Listing[];
  /** Most bytes of a name in UTF-8. */
  readonly nameBytes: number;
  /** Single presentation, by modality. */
  readonly single: { readonly [modality in Modality]?: number };
  /** Enrolment over several presentations, in this order; empty: the family has none. */
  readonly poses: readonly Pose[];
  /** The last byte of a match, told by what was matched; undefined: not needed, the family has one modality. */
  readonly kinds?: { readonly [byte: number]: Modality };
  /** Results of verify and of enroll that are an answer, and no fault. */
  readonly no: { readonly verify: readonly number[]; readonly enroll: readonly number[] };
}

export const DIALECTS: { readonly [family in Family]: Dialect } = {
  "hlk-fm22x": {
    vendor: "Hi-Link",
    modalities: ["face"],
    // E: 3 s, deletions 10 s, scans and enrolments 5 s beyond their time-out.
    commands: {
      reset: { reply_ms: 3000, repeat: true },
      status: { reply_ms: 3000, repeat: true },
      verify: { reply_ms: 5000 },
      enroll: { reply_ms: 5000 },
      deleteUser: { reply_ms: 10_000, repeat: true },
      deleteAll: { reply_ms: 10_000, repeat: true },
      forgetPoses: { reply_ms: 3000, repeat: true },
      list: { reply_ms: 3000, repeat: true },
      version: { reply_ms: 3000, repeat: true },
      serial: { reply_ms: 3000, repeat: true },
    },
    // E: a signed number, −1 while poses are missing. The highest id that modules give is in no source.
    ids: [{ modality: "face", first: 0, last: 0x7fff, command: "deleteUser" }],
    deleteAll: [],
    lists: [{ modality: "face", data: [], countBytes: 1, ids: true }],
    // E: 32 with a zero behind.
    nameBytes: 31,
    single: { face: 0x00 },
    // Directions: E, F. Their order: Stwie-Su/-FM225-, PROTOCOL.md; E leaves it to the user.
    poses: [
      { name: "front", direction: 0x01 },
      { name: "left", direction: 0x04 },
      { name: "right", direction: 0x02 },
      { name: "up", direction: 0x10 },
      { name: "down", direction: 0x08 },
    ],
    // E: 1 is a face it does not know; E, F: 8, 10, 12, 13.
    no: { verify: [1, 8, 12, 13], enroll: [10, 12, 13] },
  },
  "dfrobot-biometric": {
    vendor: "DFRobot",
    modalities: ["face", "palm"],
    // D: the longer of its C++ and Python time-outs.
    commands: {
      reset: { reply_ms: 2000, repeat: true, unconfirmed: true },
      status: { reply_ms: 2000, repeat: true },
      verify: { reply_ms: 2000 },
      enroll: { reply_ms: 6500 },
      deleteUser: { reply_ms: 7000, repeat: true },
      deletePalm: { reply_ms: 7000, repeat: true },
      deleteAll: { reply_ms: 5000, repeat: true },
      list: { reply_ms: 3000, repeat: true },
      version: { reply_ms: 2000, unconfirmed: true },
    },
    // D: 1 to 500 are faces, 501 to 800 palms.
    ids: [
      { modality: "face", first: 1, last: 500, command: "deleteUser", kind: 0 },
      { modality: "palm", first: 501, last: 800, command: "deletePalm", kind: 1 },
    ],
    deleteAll: [0, 0, 0, 0, 0],
    // D lists the ids of faces (0) and counts palms (2); it has no way to list the ids of palms.
    lists: [
      { modality: "face", data: [0], countBytes: 2, ids: true },
      { modality: "palm", data: [2], countBytes: 2, ids: false },
    ],
    nameBytes: 32,
    // D; H has 0xFD too: "register hand".
    single: { face: 0x00, palm: 0xfd },
    poses: [],
    // D: eyes open, eyes closed, palm (H has the same three).
    kinds: { 200: "face", 204: "face", 250: "palm" },
    // D has 8, 10, 13; 12 as for the other family, 239 and 241 as H.
    no: { verify: [8, 12, 13, 239], enroll: [10, 12, 13, 241] },
  },
};

const NAME_FIELD = 32;

/** Data of enroll (E, F, D: the same 40 bytes). The last three are reserved; D sends one frame, no duplicates. */
export function enrollData(
  name: Uint8Array,
  admin: boolean,
  direction: number,
  single: boolean,
  timeout_s: number,
): Uint8Array {
  const data = new Uint8Array(1 + NAME_FIELD + 7);
  data[0] = admin ? 1 : 0;
  data.set(name, 1);
  data.set([direction, single ? 1 : 0, 0, timeout_s], 1 + NAME_FIELD);
  return data;
}

/** Data of verify: stay powered, wait so long. */
export function verifyData(timeout_s: number): Uint8Array {
  return Uint8Array.of(0, timeout_s);
}

/** Where things are in the body of a match: id, name, then (D, F, A; E: maybe) administrator and kind. */
export const MATCH = { id: 0, name: 2, admin: 2 + NAME_FIELD, kind: 3 + NAME_FIELD } as const;

/** The number of a command on the line. */
export function commandId(command: CommandName): number {
  return COMMAND[command];
}
