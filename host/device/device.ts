// A device at the other end of a line: every command of docs/link.md as a method. Errors are DeviceError; what is answered was
// checked. Requests that were lost are repeated; each command may be, without being done twice.
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { z } from "zod";
import type { Body, LineCounts } from "../../link/channel.ts";
import { OP } from "../../link/link.ts";
import * as answers from "./answers.ts";
import { Asker, type AskerOptions } from "./asker.ts";
import { answerError, GROUP_KANMON } from "./errors.ts";
import { type FrameOptions, FrameSender } from "./send-frame.ts";

const GROUP_OS = 0;
const GROUP_IMAGE = 1;
const NONCE_BYTES = 16;

/** Command ids of group 64 (docs/link.md). */
const COMMAND = {
  info: 0,
  policy: 1,
  open: 2,
  frame: 3,
  finish: 4,
  abort: 5,
  templates: 6,
  export: 7,
  log: 8,
  checkpoint: 9,
  attest: 10,
  rotate: 11,
  calibration: 12,
  liveness: 13,
} as const;

export type { DeviceImage, DeviceInfo, DevicePolicy, Finished, SessionOpened, StoredReference } from "./answers.ts";

export interface DeviceOptions extends AskerOptions {
  /** The host's clock, seconds since 1970: when a reference was enrolled, when a record was made. */
  readonly clock?: () => number;
}

export interface SessionRequest {
  readonly modality: "palm" | "iris" | "face";
  readonly purpose: "enroll" | "verify" | "identify";
  /** 1 to 64 bytes of UTF-8; not for identify. */
  readonly user?: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Of a palm: bands of a frame (1 up to 900 nm, 2 above, 3 both), region and profile; what is left out: 1, cropped, contactless. */
  readonly bands?: number;
  readonly region?: "cropped" | "window" | "whole hand";
  readonly profile?: "contactless" | "guided";
  /** Of a face: what a frame is, and the sensor's unit, which the calibration in force must name. */
  readonly kind?: "depth" | "phase-shift" | "phase-gray";
  readonly unit?: string;
  /** How many frames are sent at most. */
  readonly frames: number;
  /** Of a face: so many frames in a row (1 to 4) are of one presentation and are fused to one sample; 1 if left out. */
  readonly fuse?: number;
  /** 16 bytes that no other session has; random ones if left out. */
  readonly nonce?: Uint8Array;
  /** Seconds since 1970; the device's clock option if left out. */
  readonly time?: number;
}

export class Device {
  readonly #asker: Asker;
  readonly #sender: FrameSender;
  readonly #clock: () => number;
  /** What `info` said when the line was opened: identity, digests, limits. */
  readonly identity: answers.DeviceInfo;

  private constructor(asker: Asker, identity: answers.DeviceInfo, clock: () => number) {
    this.#asker = asker;
    this.#sender = new FrameSender(asker, identity.message_bytes);
    this.#clock = clock;
    this.identity = identity;
  }

  /**
   * Finds the device on the stream, then asks for info, whose limits hold from then on.
   * The stream stays the caller's to close.
   */
  static async connect(stream: Duplex, { clock = systemClock, ...options }: DeviceOptions = {}): Promise<Device> {
    const asker = new Asker(stream, options);
    try {
      await asker.greet();
      const identity = await asker.ask("info", request(OP.read, GROUP_KANMON, COMMAND.info, {}), answers.Info);
      asker.window = identity.window;
      return new Device(asker, identity, clock);
    } catch (error) {
      asker.close();
      throw error;
    }
  }

  /** What the line did so far. */
  get counts(): LineCounts {
    return this.#asker.counts;
  }

  /** Lets go of the stream, which stays open; requests under way fail. */
  close(): void {
    this.#asker.close();
  }

  /** The text comes back. */
  async echo(text: string): Promise<string> {
    return (await this.#ask("echo", request(OP.write, GROUP_OS, 0, { d: text }), answers.Echo)).r;
  }

  /** Restarts the device; it answers first. An open session is lost, nothing that was committed. */
  async reset(): Promise<void> {
    await this.#ask("reset", request(OP.write, GROUP_OS, 5, {}), answers.Nothing);
  }

  /** The images in the device's slots. */
  async images(): Promise<answers.DeviceImage[]> {
    return (await this.#ask("image state", request(OP.read, GROUP_IMAGE, 0, {}), answers.Images)).images;
  }

  /** Identity, digests, state and limits, as they are now. */
  info(): Promise<answers.DeviceInfo> {
    return this.#read("info", {}, answers.Info);
  }

  /** The policy in force: the signed document and the digest of its payload. */
  policy(): Promise<answers.DevicePolicy> {
    return this.#read("policy", {}, answers.Policy);
  }

  /** Sets a signed policy document. */
  setPolicy(document: Uint8Array): Promise<z.infer<typeof answers.PolicySet>> {
    return this.#write("policy", { document, time: this.#clock() }, answers.PolicySet);
  }

  /**
   * The signed calibration that is kept; of no bytes where none was set. It is in force where `digest` is its own: one that does not verify
   * any more is kept, but there is no digest.
   */
  calibration(): Promise<z.infer<typeof answers.Calibration>> {
    return this.#read("calibration", {}, answers.Calibration);
  }

  /** Sets the signed calibration of the sensor's unit. */
  setCalibration(document: Uint8Array): Promise<z.infer<typeof answers.Recorded>> {
    return this.#write("calibration", { document, time: this.#clock() }, answers.Recorded);
  }

  /** A modality's liveness calibration: the id of that in force (zeros: none is), and the signed document that is kept (of no bytes where none was set). */
  liveness(modality: SessionRequest["modality"]): Promise<z.infer<typeof answers.Liveness>> {
    return this.#read("liveness", { modality }, answers.Liveness);
  }

  /** Sets a signed liveness calibration for the modality that it names. */
  setLiveness(document: Uint8Array): Promise<z.infer<typeof answers.LivenessSet>> {
    return this.#write("liveness", { document, time: this.#clock() }, answers.LivenessSet);
  }

  /** Opens a session. */
  open(session: SessionRequest): Promise<answers.SessionOpened> {
    return this.#write("open", { nonce: randomBytes(NONCE_BYTES), time: this.#clock(), ...session }, answers.Opened);
  }

  /**
   * Sends frame `frame` (0, 1, …) of a session: 8-bit grey pixels, row-major, band after band, or a depth map, frame_bytes of them; of a
   * coded stack no more than these. Resolves to "none" if it is usable, else to the reason it is not.
   */
  sendFrame(session: number, frame: number, pixels: Uint8Array, options?: FrameOptions): Promise<string> {
    return this.#sender.send(session, frame, pixels, options);
  }

  /** Ends the session with a decision; its record is durable when this resolves. */
  finish(session: number): Promise<answers.Finished> {
    return this.#write("finish", { session }, answers.Decision);
  }

  /** Gives a session up, or whichever is open. Resolves to its record's index, undefined if none was open. */
  async abort(session?: number): Promise<number | undefined> {
    return (await this.#write("abort", { session }, answers.Aborted)).record;
  }

  /** All stored references, without their templates. */
  async templates(): Promise<answers.StoredReference[]> {
    const all: answers.StoredReference[] = [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const part: z.infer<typeof answers.References> = await this.#read("templates", { from }, answers.References);
      all.push(...part.references);
      if (part.next !== undefined && part.next <= from) throw this.#endless("templates");
      from = part.next;
    }
    return all;
  }

  /** Deletes all references of a user. Resolves to the record's index. */
  async deleteTemplate(user: string): Promise<number> {
    return (await this.#write("templates", { user, time: this.#clock() }, answers.Recorded)).record;
  }

  /** A user's sealed reference, which only this device can open. */
  async export(user: string, modality: SessionRequest["modality"]): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let offset = 0, size = 1; offset < size; ) {
      const part = await this.#write("export", { user, modality, offset, time: this.#clock() }, answers.Part);
      if (part.data.length === 0 && part.size > offset) throw this.#endless("export");
      parts.push(part.data);
      offset += part.data.length;
      size = part.size;
    }
    return Buffer.concat(parts);
  }

  /** The log's entries from index `from` on, as many as one message holds, and the log's size. */
  readLog(from: number): Promise<z.infer<typeof answers.Entries>> {
    return this.#read("log", { from }, answers.Entries);
  }

  /** All entries of the log from index `from` on, in their order. */
  async *log(from = 0): AsyncGenerator<{ index: number; entry: Uint8Array }> {
    for (let index = from, size = from + 1; index < size; ) {
      const part = await this.readLog(index);
      if (part.entries.length === 0 && part.size > index) throw this.#endless("log");
      for (const entry of part.entries) yield { index: index++, entry };
      size = part.size;
    }
  }

  /** Tells the device that entries below `size` are stored, so that it may drop them. Resolves to the size released. */
  async releaseLog(size: number): Promise<number> {
    return (await this.#write("log", { size }, answers.Released)).released;
  }

  /** The log's checkpoint as a C2SP signed note. */
  async checkpoint(): Promise<string> {
    return Buffer.from((await this.#read("checkpoint", {}, answers.Note)).note).toString("utf8");
  }

  /** A statement of what runs there, with the nonce (8 to 64 bytes) in it, signed by the device. */
  attest(nonce: Uint8Array): Promise<z.infer<typeof answers.Attestation>> {
    return this.#write("attest", { nonce }, answers.Attestation);
  }

  /** Starts a new key epoch: references are sealed anew. */
  rotate(): Promise<z.infer<typeof answers.Rotated>> {
    return this.#write("rotate", { time: this.#clock() }, answers.Rotated);
  }

  #ask<T extends object>(what: string, asked: ReturnType<typeof request>, schema: z.ZodType<T>): Promise<T> {
    return this.#asker.ask(what, asked, schema);
  }

  #read<T extends object>(what: keyof typeof COMMAND, body: Body, schema: z.ZodType<T>): Promise<T> {
    return this.#ask(what, request(OP.read, GROUP_KANMON, COMMAND[what], body), schema);
  }

  #write<T extends object>(what: keyof typeof COMMAND, body: Body, schema: z.ZodType<T>): Promise<T> {
    return this.#ask(what, request(OP.write, GROUP_KANMON, COMMAND[what], body), schema);
  }

  /** A list that says there is more and gives nothing would be read for ever. */
  #endless(what: string): Error {
    return answerError(this.#asker.where, what, "it announces more and gives nothing");
  }
}

function request(operation: number, group: number, id: number, body: Body) {
  return { operation, group, id, body };
}

function systemClock(): number {
  return Math.floor(Date.now() / 1000);
}
