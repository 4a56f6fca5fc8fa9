// What frames of the EF AA protocol mean: kinds, results, notes. Names are ours, numbers are the modules'. Sources (docs/efaa.md):
//   E  esphome/esphome, esphome/components/hlk_fm22x/ (.h, .cpp): runs on HLK-FM223 and FM225
//   F  synodriver/fm22x, fm22x/ (request.py, response.py, note.py): for FM22x
//   D  DFRobot/DFRobot_Biometric, src/ and python/raspberrypi/: for SEN0736 and SEN0737
//   A  a door lock's host for such modules (header guard __AW_MSG_H__)
//   H  a face and hand module's own firmware (header guard SENSE_LOCK_MESSAGE_H); which product is not said
import { ModuleError } from "./errors.ts";

/** Kinds of what a module sends (E, F, A). 0x02, pictures, is not taken: only modules for photographs send it. */
export const KIND = { reply: 0x00, note: 0x01 } as const;

/** Commands, where no family has another (E, F, A; of them D has status, verify, deleteUser, deleteAll, list, enroll). */
export const COMMAND = {
  /** Ends whatever runs, back to standby (E, A). */
  reset: 0x10,
  status: 0x11,
  verify: 0x12,
  deleteUser: 0x20,
  deleteAll: 0x21,
  /** Forgets the poses taken so far (E, F). */
  forgetPoses: 0x23,
  list: 0x24,
  /** "Integrated" enrolment: the one that can refuse who is enrolled already (E, F, D). */
  enroll: 0x26,
  version: 0x30,
  /** D alone. */
  deletePalm: 0x80,
  serial: 0x93,
} as const;
export type CommandName = keyof typeof COMMAND;

/** What the module says it is doing (E, F, D). */
export const STATUS = { standby: 0, busy: 1, error: 2, uninitialised: 3 } as const;

/** Ids of notes (E, A; F up to 4). */
export const NOTE = { ready: 0, state: 1, error: 2, updated: 3, eyes: 4, licence: 8 } as const;

/** How a family answered, by its number: our name, and what to do about it. E and F agree; D has 0, 5, 8, 10 and 13; 239 and 241 are H's. */
const RESULTS: { readonly [code: number]: readonly [name: string, help: string] } = {
  0: ["done", ""],
  1: ["rejected", "The module takes this command in another state only, or not at all: reset it, then try again."],
  2: ["aborted", "Something ended the command: begin anew."],
  4: ["camera", "The module's camera did not start: switch it off and on."],
  5: ["unknown_error", "Try again; if it stays, switch the module off and on."],
  6: ["invalid_parameter", "The module's firmware wants another form than docs/efaa.md describes: check the family."],
  7: ["out_of_memory", "Switch the module off and on."],
  8: ["unknown_user", "Nobody with that id is enrolled: list who is."],
  9: ["full", "Delete users before enrolling more."],
  10: ["already_enrolled", "Whoever was presented is enrolled already: list, or delete and enrol anew."],
  12: ["not_live", "The module judged the presentation an attack: present anew."],
  13: ["timeout", "Nobody was presented well enough in time: present anew."],
  14: ["not_authorised", "The module's licence check failed: ask its maker."],
  19: ["read_failed", "The module's flash failed: take it out of service."],
  20: ["write_failed", "The module's flash failed: take it out of service."],
  21: [
    "encryption_wanted",
    "The module was set to encrypt its line, which no open source describes: set it back with its maker's tool.",
  ],
  23: ["no_picture", "Switch the module off and on."],
  24: ["photo_too_large", "Only for photographs, which Kanmon does not send."],
  25: ["photo_too_small", "Only for photographs, which Kanmon does not send."],
  239: ["unknown_user", "Nobody with that id is enrolled: list who is."],
  241: ["already_enrolled", "Whoever was presented is enrolled already: list, or delete and enrol anew."],
};

/** States of who is before the module (E, F agree on 0 to 14), and of hands (H alone). */
const STATES: { readonly [code: number]: string } = {
  0: "face_seen",
  1: "no_face",
  2: "too_high",
  3: "too_low",
  4: "too_far_left",
  5: "too_far_right",
  6: "too_far",
  7: "too_near",
  8: "eyebrows_covered",
  9: "eyes_covered",
  10: "face_covered",
  11: "wrong_pose",
  12: "eyes_open",
  13: "eyes_closed",
  14: "eyes_unclear",
  128: "hand_seen",
  129: "hand_too_far",
  130: "hand_too_near",
  131: "hand_too_high",
  132: "hand_too_low",
  133: "hand_too_far_left",
  134: "hand_too_far_right",
};

/** A reply: to which command, with which result. `body` is a copy, the holder's to zero. */
export interface Reply {
  readonly command: number;
  readonly result: number;
  readonly body: Uint8Array;
}

/** Bytes of a state note: its id and eight numbers (E, F, A). H's has more; only the state is used. */
const STATE_NOTE_BYTES = 17;

/** The name of a result; an unknown one keeps its number. */
export function resultName(code: number): string {
  return RESULTS[code]?.[0] ?? `result_${code}`;
}

/** The error for a command that ended with a result that is no answer. */
export function refusal(command: string, result: number, where: string): ModuleError {
  const help = RESULTS[result]?.[1] || "docs/efaa.md does not know this result: report it with the module's version.";
  return new ModuleError(
    "KAN-MODULE-REFUSED",
    `the module on ${where} answered '${command}' with ${resultName(result)} (${result})`,
    help,
  );
}

/** Takes a reply's frame apart; undefined if it is too short to be one. */
export function readReply(data: Uint8Array): Reply | undefined {
  const [command, result] = data;
  return command === undefined || result === undefined ? undefined : { command, result, body: data.slice(2) };
}

/** The hint in a note, or undefined where it holds none. Numbers are little-endian (E; F reads them the other way round). */
export function readHint(data: Uint8Array): string | undefined {
  const id = data[0];
  if (id === NOTE.error) return "module_error";
  if (id === NOTE.licence) return "licence_check_failed";
  if (id !== NOTE.state || data.length < STATE_NOTE_BYTES) return undefined;
  const state = (data[1] as number) | ((data[2] as number) << 8);
  return STATES[state] ?? `state_${state}`;
}

/** A name: UTF-8, padded with zeros; control characters, which could steer a terminal, are left out. */
export function readName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end)).replace(/\p{Cc}/gu, "");
}

/** A text of the module's own, printable ASCII up to its first byte that is none: serial numbers are padded with anything (E). */
export function readText(bytes: Uint8Array): string {
  return (/^[ -~]*/.exec(Buffer.from(bytes).toString("latin1"))?.[0] ?? "").trim();
}

/** A number of two bytes, high byte first, as all but notes have them. */
export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
