// A simulated module that matches by itself, of either family: whoever is put before it is a number, and the same number is the same person.
// It speaks the bytes that the open drivers expect (docs/efaa.md), and was written from them, not from hal/efaa: of that it uses the frames and
// the numbers of commands only.
import type { Duplex } from "node:stream";
import type { Modality } from "../driver.ts";
import { encodeFrame, FrameDecoder } from "../efaa/codec.ts";
import type { Family } from "../efaa/dialects.ts";
import { COMMAND, KIND, NOTE } from "../efaa/messages.ts";
import { noEfaaFaults, spoil } from "./efaa-faults.ts";
import { EfaaUsers } from "./efaa-users.ts";
import { makeRandom } from "./eye/random.ts";

/** Who is before the module, and how. */
export interface EfaaSubject {
  readonly person: number;
  /** "face" if left out. */
  readonly modality?: Modality;
  /** The state its notes tell, by number; left out: well presented. Any other is never matched. */
  readonly state?: number;
  /** False: a presentation attack, which this module sees through. */
  readonly live?: boolean;
  readonly eyesClosed?: boolean;
}

const OK = 0;
const REJECTED = 1;
const ABORTED = 2;
const INVALID = 6;
const UNKNOWN_USER = 8;
const FULL = 9;
const ENROLLED = 10;
const NOT_LIVE = 12;
const TIMEOUT = 13;

const NO_FACE = 1;
const WRONG_POSE = 11;
const HAND_SEEN = 128;
const ALL_POSES = 0x1f;
const PALM = 0xfd;
const NAME_BYTES = 32;
/** Looks that a good presentation takes. */
const LOOKS = 2;

interface Flow {
  readonly command: number;
  readonly data: Uint8Array;
  readonly until: number;
  seen: number;
}

const two = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff];

/** A module on the far end of a line. It runs as long as the line does. */
export class SimulatedEfaaModule {
  /** Switches of what goes wrong; change them at any time. */
  readonly faults = noEfaaFaults();
  /** Who is enrolled: its flash, which restarts leave alone. */
  readonly users: EfaaUsers;
  /** How long a second of the module is, and how long it looks between two notes, milliseconds. */
  second_ms = 1000;
  look_ms = 100;
  /** Whether it knows commands that no source confirms for its family; if not, it is silent. */
  knowsUnconfirmed = true;
  /** Commands that came whole, by number: what tests count. */
  readonly heard: number[] = [];
  readonly #family: Family;
  readonly #line: Duplex;
  readonly #decoder: FrameDecoder;
  readonly #random = makeRandom(7);
  #subject: EfaaSubject | undefined;
  #flow: Flow | undefined;
  #timer: NodeJS.Timeout | undefined;
  #poses = 0;
  #posing: number | undefined; // whose poses
  #held: Uint8Array[] = [];

  constructor(line: Duplex, family: Family) {
    this.#line = line;
    this.#family = family;
    this.users = new EfaaUsers(family);
    this.#decoder = new FrameDecoder(
      (command, data) => this.#command(command, data.slice()),
      (command) => command >= COMMAND.reset,
    );
    let silence: NodeJS.Timeout | undefined;
    line.on("data", (bytes: Buffer) => {
      this.#decoder.push(spoil(bytes, this.faults, this.#random));
      clearTimeout(silence);
      silence = setTimeout(() => this.#decoder.flush(), 50).unref();
    });
    line.on("close", () => this.#stop());
  }

  /** Puts somebody before the module, or (undefined) nobody. */
  present(subject: EfaaSubject | undefined): void {
    this.#subject = subject;
    if (this.#flow) this.#flow.seen = 0;
  }

  /** Loses its power for a moment: what it was doing is forgotten, and it says when it is ready. */
  restart(): void {
    this.#stop();
    this.#poses = 0;
    this.#held = [];
    this.#decoder.reset();
    this.#note([NOTE.ready]);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#flow = undefined;
  }

  #command(command: number, data: Uint8Array): void {
    this.heard.push(command);
    if (this.faults.silent) return;
    if (command === COMMAND.status) return this.#reply(command, OK, [this.faults.status ?? (this.#flow ? 1 : 0)]);
    const dfrobot = this.#family === "dfrobot-biometric";
    const unconfirmed = command === COMMAND.reset || command === COMMAND.version;
    if (dfrobot && unconfirmed && !this.knowsUnconfirmed) return;
    if (command === COMMAND.reset) return this.#reset();
    if (this.#flow) return this.#reply(command, REJECTED);
    if (dfrobot) this.#dfrobot(command, data);
    else this.#hlk(command, data);
  }

  #reset(): void {
    const ended = this.#flow;
    this.#stop();
    this.#reply(COMMAND.reset, OK);
    // What was ended still says so, behind the answer to what ended it.
    if (ended) this.#reply(ended.command, ABORTED);
  }

  #hlk(command: number, data: Uint8Array): void {
    const ids = this.users.ids();
    if (command === COMMAND.verify || command === COMMAND.enroll) return this.#begin(command, data);
    if (command === COMMAND.deleteUser) return this.#delete(command, data, 2);
    if (command === COMMAND.deleteAll) return this.#clear(command, data, 0);
    if (command === COMMAND.list) return this.#reply(command, OK, [ids.length, ...ids.flatMap(two)]);
    if (command === COMMAND.version) return this.#reply(command, OK, padded("SIM-FM225-1.0", NAME_BYTES, 0));
    if (command === COMMAND.serial) return this.#reply(command, OK, padded("SIM00001", NAME_BYTES, 0xff));
    if (command !== COMMAND.forgetPoses) return this.#reply(command, REJECTED);
    this.#poses = 0;
    this.#reply(command, OK);
  }

  #dfrobot(command: number, data: Uint8Array): void {
    if (command === COMMAND.verify || command === COMMAND.enroll) return this.#begin(command, data);
    if (command === COMMAND.deleteUser || command === COMMAND.deletePalm) return this.#delete(command, data, 3);
    if (command === COMMAND.deleteAll) return this.#clear(command, data, 5);
    if (command === COMMAND.version) return this.#reply(command, OK, padded("SIM-FP002-1.0", NAME_BYTES, 0));
    if (command !== COMMAND.list) return this.#reply(command, REJECTED);
    const [faces, palms] = [this.users.ids("face"), this.users.ids("palm")];
    if (data[0] === 0) this.#reply(command, OK, [...two(faces.length), ...faces.flatMap(two)]);
    else
      this.#reply(command, data[0] === 1 || data[0] === 2 ? OK : INVALID, two((data[0] === 2 ? palms : faces).length));
  }

  #delete(command: number, data: Uint8Array, bytes: number): void {
    const id = ((data[0] as number) << 8) | (data[1] as number);
    if (data.length !== bytes) this.#reply(command, INVALID);
    else if (bytes === 3 && (command === COMMAND.deletePalm) !== id > 500) this.#reply(command, INVALID);
    else this.#reply(command, this.users.delete(id) ? OK : UNKNOWN_USER);
  }

  #clear(command: number, data: Uint8Array, bytes: number): void {
    if (data.length !== bytes) return this.#reply(command, INVALID);
    this.users.clear();
    this.#reply(command, OK);
  }

  #begin(command: number, data: Uint8Array): void {
    const bytes = command === COMMAND.verify ? 2 : 40;
    const seconds = data[command === COMMAND.verify ? 1 : 36] || 10;
    if (data.length !== bytes) return this.#reply(command, INVALID);
    this.#flow = { command, data, until: performance.now() + seconds * this.second_ms, seen: 0 };
    this.#timer = setInterval(() => this.#look(), this.look_ms);
  }

  /** One look: what is before the module, and whether that will do. */
  #look(): void {
    const flow = this.#flow as Flow;
    const state = this.#stateFor(flow);
    if (state !== undefined) this.#noteState(state);
    const good = state === OK || state === HAND_SEEN;
    if (good && ++flow.seen >= LOOKS) this.#finish(flow, this.#subject as EfaaSubject);
    else if (performance.now() >= flow.until) this.#end(TIMEOUT);
  }

  #stateFor({ command, data }: Flow): number {
    const subject = this.#subject;
    if (!subject) return NO_FACE;
    const { modality = "face", state } = subject;
    const palmWanted = data[33] === PALM;
    if (this.#family === "hlk-fm22x" && modality !== "face") return NO_FACE;
    if (command === COMMAND.enroll && palmWanted !== (modality === "palm")) return NO_FACE;
    // Another head in the middle of the poses of one.
    if (command === COMMAND.enroll && this.#poses > 0 && this.#posing !== subject.person) return WRONG_POSE;
    return state ?? (modality === "palm" ? HAND_SEEN : OK);
  }

  #finish({ command, data }: Flow, subject: EfaaSubject): void {
    const { person, modality = "face", live = true } = subject;
    if (!live) return this.#end(NOT_LIVE);
    const known = this.users.find(person, modality);
    if (command === COMMAND.verify) return this.#matched(known, subject);
    if (known !== undefined) return this.#end(ENROLLED);
    const [admin, direction, single] = [data[0] === 1, data[33] as number, data[34] === 1];
    if (!single) {
      this.#posing = person;
      this.#poses |= direction;
      if (this.#poses !== ALL_POSES) return this.#end(OK, [0xff, 0xff, this.#poses]);
    }
    const id = this.users.add({ person, modality, name: data.slice(1, 1 + NAME_BYTES), admin });
    this.#poses = 0;
    this.#end(id === undefined ? FULL : OK, id === undefined ? [] : [...two(id), single ? 1 : ALL_POSES]);
  }

  #matched(id: number | undefined, { modality, eyesClosed }: EfaaSubject): void {
    const user = id === undefined ? undefined : this.users.get(id);
    if (id === undefined || !user) {
      const nobody = this.#family === "dfrobot-biometric" || this.users.ids().length === 0;
      return this.#end(nobody ? UNKNOWN_USER : REJECTED);
    }
    const kind = modality === "palm" ? 250 : eyesClosed ? 204 : 200;
    this.#end(OK, [...two(id), ...user.name, user.admin ? 1 : 0, kind]);
  }

  #end(result: number, body: readonly number[] = []): void {
    const { command } = this.#flow as Flow;
    this.#stop();
    this.#reply(command, result, body);
  }

  /** The state, a place in the picture and a pose; little-endian. */
  #noteState(state: number): void {
    this.#note([NOTE.state, ...[state, 60, 80, 260, 320, 0, 0, 0].flatMap((v) => [v & 0xff, v >> 8])]);
  }

  #note(data: readonly number[]): void {
    if (!this.faults.silent) this.#send(encodeFrame(KIND.note, Uint8Array.from(data)));
  }

  #reply(command: number, result: number, body: readonly number[] = []): void {
    const { faults } = this;
    const frame = encodeFrame(KIND.reply, Uint8Array.from([command, result, ...body]));
    const meant = faults.onlyTo === undefined || faults.onlyTo === command;
    if (meant && faults.dropReplies > 0) {
      faults.dropReplies--;
      return;
    }
    if (meant && faults.holdReplies > 0) {
      faults.holdReplies--;
      this.#held.push(frame);
      return;
    }
    const again = faults.duplicate === "at once" ? [frame] : [];
    for (const part of [...this.#held.splice(0), frame, ...again]) this.#send(part);
    if (faults.duplicate === "late") this.#held.push(frame);
  }

  #send(frame: Uint8Array): void {
    if (this.#line.writable) this.#line.write(spoil(frame, this.faults, this.#random));
  }
}

function padded(text: string, bytes: number, filler: number): number[] {
  return [...Buffer.concat([Buffer.from(text), Buffer.alloc(bytes, filler)]).subarray(0, bytes)];
}
