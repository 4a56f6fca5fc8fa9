// A module of either family as the rest of Kanmon sees it: one flow at a time, answers checked before they are believed.
import type { Duplex } from "node:stream";
import type {
  EnrolledUsers,
  EnrollOutcome,
  EnrollRequest,
  FlowOptions,
  OnModuleCapabilities,
  OnModuleIdentity,
  OnModuleMatcher,
  VerifyOutcome,
} from "../on-module.ts";
import { openPort } from "../protocol/port.ts";
import { DIALECTS, type Dialect, enrollData, type Family, type Pose, verifyData } from "./dialects.ts";
import { ModuleError } from "./errors.ts";
import { EfaaLine } from "./line.ts";
import { readText, resultName } from "./messages.ts";
import { EfaaTurns } from "./turns.ts";
import { idPlace, nameBytes, readEnrolled, readMatch, readUsers, timeout } from "./values.ts";

/** Line speed of both families (E, D). */
export const EFAA_BAUD = 115_200;

export interface EfaaOptions {
  /** Ends the stream when the module is closed; by default its `destroy`. */
  readonly closeStream?: () => Promise<void>;
  /** Shortens all waiting, for tests; 1 if left out. */
  readonly pace?: number;
}

export class EfaaModule implements OnModuleMatcher {
  readonly family: Family;
  readonly capabilities: OnModuleCapabilities;
  readonly #dialect: Dialect;
  readonly #line: EfaaLine;
  readonly #turns: EfaaTurns;
  readonly #stream: Duplex;
  readonly #closeStream: (() => Promise<void>) | undefined;
  #running: string | undefined;

  /** @param where the line's name for messages, such as the port's path. */
  constructor(stream: Duplex, where: string, family: Family, { closeStream, pace }: EfaaOptions = {}) {
    this.family = family;
    this.#dialect = DIALECTS[family];
    this.#line = new EfaaLine(stream, where, this.#dialect, pace);
    this.#turns = new EfaaTurns(this.#line);
    this.#stream = stream;
    this.#closeStream = closeStream;
    this.capabilities = {
      matching: "on-module",
      modalities: this.#dialect.modalities,
      template_protection: "none claimed",
      liveness: "own, not evaluated",
      frames: false,
    };
  }

  /** Opens a module on a serial port. Raises KAN-SENSOR-OPEN. */
  static async open(path: string, family: Family): Promise<EfaaModule> {
    const port = await openPort(path, EFAA_BAUD);
    return new EfaaModule(port.stream, path, family, { closeStream: port.close });
  }

  /** Frames that were damaged, replies nobody waited for, and commands asked again. */
  get line(): { broken: number; stray: number; repeated: number } {
    return { broken: this.#line.broken, ...this.#line.counts };
  }

  identify(): Promise<OnModuleIdentity> {
    return this.#alone("identify", async () => {
      await this.#turns.standby();
      const [firmware, serial] = [await this.#text("version"), await this.#text("serial")];
      const { vendor } = this.#dialect;
      return { vendor, family: this.family, ...(firmware ? { firmware } : {}), ...(serial ? { serial } : {}) };
    });
  }

  enroll(request: EnrollRequest): Promise<EnrollOutcome> {
    return this.#alone("enroll", async () => {
      const steps = this.#steps(request);
      const name = nameBytes(request.name, this.#dialect, this.family);
      const wait = timeout(request.timeout_s);
      let open = false; // poses were asked for, and are not complete
      try {
        for (const [i, { name: pose, direction }] of steps.entries()) {
          await this.#turns.standby(request.signal);
          request.onPose?.(pose);
          const data = enrollData(name, request.admin ?? false, direction, steps.length === 1, wait);
          open = steps.length > 1;
          const reply = await this.#turns.flow("enroll", data, wait, request, this.#dialect.no.enroll);
          if (reply.result !== 0) return { enrolled: false, reason: resultName(reply.result) };
          const id = readEnrolled(reply, this.#dialect, this.#line.where, i === steps.length - 1);
          if (id === undefined) continue;
          open = false;
          return { enrolled: true, id };
        }
        throw new ModuleError("KAN-MODULE-ANSWER", `the module on ${this.#line.where} gave no id after the last pose`);
      } finally {
        // A module goes on where it was left; the next person's poses must not join this one's.
        if (open) await this.#turns.done("forgetPoses").catch(() => undefined);
      }
    });
  }

  verify(options: FlowOptions = {}): Promise<VerifyOutcome> {
    return this.#alone("verify", async () => {
      const wait = timeout(options.timeout_s);
      await this.#turns.standby(options.signal);
      const reply = await this.#turns.flow("verify", verifyData(wait), wait, options, this.#dialect.no.verify);
      if (reply.result !== 0)
        return { matched: false, reason: reply.result === 1 ? "no_match" : resultName(reply.result) };
      return readMatch(reply, this.#dialect, this.#line.where);
    });
  }

  list(): Promise<EnrolledUsers[]> {
    return this.#alone("list", () => this.#list());
  }

  delete(id: number): Promise<boolean> {
    return this.#alone("delete", async () => {
      const place = idPlace(id, this.#dialect, this.family);
      await this.#turns.standby();
      const data = Uint8Array.from([id >> 8, id & 0xff, ...(place.kind === undefined ? [] : [place.kind])]);
      const reply = await this.#line.ask(place.command, { data });
      // Asked again, "unknown" is what the first time left behind.
      if (resultName(reply.result) === "unknown_user") return reply.repeated;
      this.#turns.require(place.command, reply);
      return true;
    });
  }

  deleteAll(): Promise<void> {
    return this.#alone("delete all", async () => {
      await this.#turns.standby();
      await this.#turns.done("deleteAll", Uint8Array.from(this.#dialect.deleteAll));
      const left = (await this.#list()).reduce((sum, { count }) => sum + count, 0);
      if (left > 0)
        throw new ModuleError(
          "KAN-MODULE-LEFT",
          `the module on ${this.#line.where} says ${left} are still enrolled after deleting all`,
        );
    });
  }

  reset(): Promise<void> {
    return this.#alone("reset", async () => {
      await this.#turns.done("reset");
      await this.#line.rest(this.#line.graceMs);
    });
  }

  async close(): Promise<void> {
    this.#line.close();
    this.#stream.on("error", () => undefined);
    if (this.#closeStream) await this.#closeStream();
    else this.#stream.destroy();
  }

  async #alone<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#running !== undefined)
      throw new ModuleError(
        "KAN-MODULE-BUSY",
        `the module on ${this.#line.where} is in the middle of '${this.#running}'`,
      );
    this.#running = what;
    try {
      return await work();
    } finally {
      this.#running = undefined;
    }
  }

  /** The presentations that the request takes. */
  #steps({ modality, poses }: EnrollRequest): readonly Pose[] {
    const direction = this.#dialect.single[modality];
    if (direction === undefined)
      throw new ModuleError("KAN-MODULE-INPUT", `modules of ${this.family} do not match ${modality}`);
    if (poses !== "all") return [{ name: "front", direction }];
    if (modality === "face" && this.#dialect.poses.length > 0) return this.#dialect.poses;
    throw new ModuleError(
      "KAN-MODULE-INPUT",
      `modules of ${this.family} take one presentation of a ${modality}, no poses`,
    );
  }

  async #list(): Promise<EnrolledUsers[]> {
    const users: EnrolledUsers[] = [];
    for (const listing of this.#dialect.lists) {
      await this.#turns.standby();
      users.push(readUsers(await this.#turns.done("list", Uint8Array.from(listing.data)), listing, this.#line.where));
    }
    return users;
  }

  /** A text the module tells of itself; undefined where its family has no such command, or may not have it and is silent. */
  async #text(name: "version" | "serial"): Promise<string | undefined> {
    const timing = this.#dialect.commands[name];
    if (!timing) return undefined;
    try {
      return readText((await this.#turns.done(name)).body);
    } catch (error) {
      const silent =
        error instanceof ModuleError && ["KAN-MODULE-NO-ANSWER", "KAN-MODULE-REFUSED"].includes(error.code);
      if (timing.unconfirmed && silent) return undefined;
      throw error;
    }
  }
}
