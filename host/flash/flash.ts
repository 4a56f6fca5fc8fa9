// One device gets an image: upload, test, restart, and only when the device came back running it, healthy, is it confirmed. Whatever goes
// wrong before, the next start goes back to what ran.
import { createHash } from "node:crypto";
import { DeviceError } from "../device/errors.ts";
import type { DeviceIdentity, DeviceImage, Updater } from "../device/update.ts";
import { EXIT, KanmonError } from "../errors.ts";
import type { SignedImage } from "../image/format.ts";
import type { FlashPort } from "./port.ts";

/** The file, verified. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly image: SignedImage;
}

export interface FlashOptions {
  /** Look, and change nothing. */
  readonly verifyOnly?: boolean;
  /** False leaves the image on trial. */
  readonly confirm?: boolean;
  /** How long the device may take to come back, milliseconds. */
  readonly return_ms?: number;
  /** Told what goes on, and while uploading how many bytes of how many. */
  readonly onStage?: (stage: Stage, done: number, total: number) => void;
}

export type Stage = "asking" | "uploading" | "restarting" | "confirming" | "done";

/** flashed: it runs and is confirmed; on_trial: it runs until the next start; already: nothing was to do; different: another image runs. */
export interface Flashed {
  readonly status: "flashed" | "on_trial" | "already" | "different";
  readonly device: string;
  readonly board: string;
  readonly engine: string;
  /** Bytes of the image that were sent; less than all where an upload was resumed. */
  readonly bytes_sent: number;
  /** What ran before; undefined: nothing, a blank board. */
  readonly before: string | undefined;
}

const RETURN_MS = 60_000;
/** A device that answers at once after its restart was asked for may not have restarted yet. */
const SETTLE_MS = 2_000;
const PAUSE_MS = 250;
/** How long one try to find it again lasts: shorter than the first search, since the port may have to be opened anew. */
const FIND_MS = 2_000;

/** Brings the image onto the device of a connected port. Throws DeviceError and KAN-FLASH-…. */
export async function flashPort(port: FlashPort, file: ImageFile, options: FlashOptions = {}): Promise<Flashed> {
  const { verifyOnly = false, confirm = true, return_ms = RETURN_MS, onStage } = options;
  const { bytes, image } = file;
  const stage = (name: Stage, done = 0) => onStage?.(name, done, bytes.length);
  stage("asking");
  const { updater } = port;
  const { device, identity } = updater;
  const images = await updater.images();
  const running = images.find(({ active }) => active);
  const result = (status: Flashed["status"], bytes_sent = 0): Flashed => {
    stage("done", bytes.length);
    const { board, engine } = identity;
    return { status, device, board, engine, bytes_sent, before: running?.version };
  };
  const runs = running !== undefined && same(running, image);
  if (runs && (running.confirmed || !confirm || verifyOnly)) return result("already");
  if (verifyOnly) return result("different");
  if (runs) {
    checkHealth(await updater.info(), image);
    await updater.confirm(image.digest);
    return result("flashed");
  }

  await checkFit(port, file);
  const sent = images.some((each) => same(each, image) && each.bootable) ? 0 : await upload(updater, bytes, stage);
  stage("restarting", bytes.length);
  await updater.test(image.digest);
  await updater.reset();
  const back = await returned(port, image, return_ms);
  checkHealth(back, image, identity.state);
  if (!confirm) return result("on_trial", sent);
  stage("confirming", bytes.length);
  await port.updater.confirm(image.digest);
  const kept = (await port.updater.images()).some((each) => same(each, image) && each.active && each.confirmed);
  if (!kept) throw returnError("did not keep the image when told to");
  return result("flashed", sent);
}

function same({ hash }: DeviceImage, image: SignedImage): boolean {
  return Buffer.from(image.digest).equals(hash);
}

/** What the device would refuse after the upload is told before it. */
async function checkFit(port: FlashPort, { bytes, image }: ImageFile): Promise<void> {
  const { security } = port.updater.identity;
  if (image.securityCounter < security)
    throw new KanmonError(
      "KAN-FLASH-DOWNGRADE",
      `the image's security counter is ${image.securityCounter}, this board boots ${security} and higher`,
      "An older image has holes that a newer one closed: send a newer one.",
      EXIT.no,
    );
  const capacity = await port.updater.capacity();
  if (capacity !== undefined && bytes.length > capacity)
    throw new KanmonError(
      "KAN-FLASH-SIZE",
      `the image has ${bytes.length} bytes, a slot of this board holds ${capacity}`,
      "Build a smaller image.",
      EXIT.no,
    );
}

/** Resolves to the bytes sent. */
async function upload(
  updater: Updater,
  bytes: Uint8Array,
  stage: (name: Stage, done: number) => void,
): Promise<number> {
  let from: number | undefined;
  await updater.upload(bytes, {
    onProgress: (done) => {
      // Where the first answer stands far ahead, somebody had sent that much before.
      from ??= done > updater.identity.message_bytes ? done : 0;
      stage("uploading", done);
    },
  });
  return bytes.length - (from ?? 0);
}

/** Waits until the device runs the image after its restart; resolves to what it then says. */
async function returned(port: FlashPort, image: SignedImage, return_ms: number): Promise<DeviceIdentity> {
  const { key } = port.updater.identity;
  const began = performance.now();
  let last: unknown;
  for (; performance.now() - began < return_ms; await pause(PAUSE_MS)) {
    try {
      const updater = await port.connect(FIND_MS);
      if (!updater.identity.key.equals(key)) throw returnError("is another device now");
      const images = await updater.images();
      const active = images.find((each) => each.active);
      if (active && same(active, image)) return updater.identity;
      last = undefined;
      if (performance.now() - began > SETTLE_MS)
        throw returnError(active ? `came back with version ${active.version}` : "came back in its recovery image");
    } catch (error) {
      if (error instanceof KanmonError && error.code === "KAN-FLASH-RETURN") throw error;
      last = error;
    }
  }
  throw returnError(`did not come back within ${return_ms / 1000} s`, last);
}

/** Healthy: it runs these very bytes and serves; or is no worse than it was. */
function checkHealth(now: DeviceIdentity, image: SignedImage, before?: string): void {
  const digest = createHash("sha256").update(image.payload).digest();
  const [state, bytes] = [now.state === "ready" || now.state === before, now.image?.equals(digest)];
  if (state && bytes) return;
  throw new KanmonError(
    "KAN-FLASH-UNHEALTHY",
    `the new image runs, but ${bytes ? `its state is ${now.state}` : "says that it is another"}`,
    "It was not confirmed: restart the device, and it goes back to the image before.",
    EXIT.device,
  );
}

function returnError(what: string, cause?: unknown): KanmonError {
  const why = cause instanceof DeviceError || cause instanceof KanmonError ? ` (${cause.message})` : "";
  return new KanmonError(
    "KAN-FLASH-RETURN",
    `after its restart the device ${what}${why}`,
    "The image was not confirmed, so the next start goes back to the one before. The board's trace port says why it did not run.",
    EXIT.device,
    { cause },
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
