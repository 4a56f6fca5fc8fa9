// What the device answers, checked here once so that the rest of the host can rely on it (docs/link.md lists the fields).
import { z } from "zod";

const count = z.int().min(0);
const bytes = (length?: number) =>
  z
    .custom<Uint8Array>((value) => value instanceof Uint8Array && (length === undefined || value.length === length), {
      error: length === undefined ? "not bytes" : `not ${length} bytes`,
    })
    .transform((value) => Buffer.from(value.buffer, value.byteOffset, value.length));
const digest = bytes(32);

export const Echo = z.object({ r: z.string() });

/** What every image of ours says of its device and board. */
const identity = {
  /** The device's Ed25519 public key. */
  key: bytes(32),
  board: z.string(),
  engine: z.enum(["v8", "wasm3", "aot", "unknown"]),
  /** Why it started. */
  boot: z.enum(["power", "reset", "trap", "watchdog", "unknown"]),
  /** Traps since power-on. */
  traps: count,
  /** The running slot; null: none, it is the recovery image or it is linked in. */
  slot: count.nullable(),
  /** SHA-256 of the runner's code; zero where there is none. */
  runner: digest,
  /** The lowest security counter that boots. */
  security: count,
  /** Whether images signed with a development key boot. */
  development_images: z.boolean(),
  window: z.int().min(1).max(64),
  message_bytes: z.int().min(256).max(65_535),
};

/** info of the reader or of the recovery image, which has state "recovery" and no image digest. */
export const Identity = z.object({
  ...identity,
  state: z.enum(["recovery", "ready", "no_journal", "rolled_back", "no_board", "no_policy"]),
  image: digest.optional(),
  version: z.string().optional(),
});

export const Info = z.object({
  ...identity,
  /** First 8 bytes of SHA-256 of the device's public key. */
  device: bytes(8),
  image: digest,
  policy: digest,
  version: z.string(),
  /** Anything but "ready": the device serves nothing but info. */
  state: z.enum(["ready", "no_journal", "rolled_back", "no_board", "no_policy"]),
  development: z.boolean(),
  epoch: count,
  /** The open session's number, 0: none. */
  session: count,
  memory_bytes: count,
  log: z.object({ size: count, released: count }),
  journal: z.object({ bytes: count, records_free: count, templates_free: count }),
});

export const Policy = z.object({ digest, document: bytes() });
export const PolicySet = z.object({ digest, record: count });
/** `digest`: of that in force, `document`: that which is kept; of no bytes where there is none. */
export const Calibration = z.object({ digest: bytes(), document: bytes() });
export const Liveness = z.object({ id: digest, document: bytes() });
export const LivenessSet = z.object({ id: digest, record: count });
export const Opened = z.object({ session: count, frame_bytes: z.int().min(1) });
export const Taken = z.object({ frame: count, offset: count, reason: z.string().optional() });
export const Decision = z.object({
  decision: z.enum(["accept", "reject", "enrolled", "refused", "failed", "aborted"]),
  reason: z.string(),
  band: z.enum(["none", "below", "above"]),
  /** Index of the session's record in the log. */
  record: count,
  user: z.string().optional(),
});
export const Aborted = z.object({ record: count.optional() });
export const Recorded = z.object({ record: count });
export const Reference = z.object({
  id: count,
  user: z.string(),
  modality: z.enum(["palm", "iris", "face"]),
  samples: count,
  failed: count,
  /** The host's clock at enrolment, seconds since 1970; 0: not told. */
  enrolled: count,
});
export const References = z.object({ references: z.array(Reference), next: count.optional() });
export const Part = z.object({ data: bytes(), size: count });
export const Entries = z.object({ size: count, entries: z.array(bytes()) });
export const Released = z.object({ released: count });
export const Note = z.object({ note: bytes() });
export const Attestation = z.object({ statement: bytes(), signature: bytes(64) });
export const Rotated = z.object({ epoch: count, record: count });
export const Images = z.object({
  images: z.array(
    z.object({
      hash: digest,
      slot: count,
      version: z.string(),
      active: z.boolean().default(false),
      bootable: z.boolean().default(false),
      pending: z.boolean().default(false),
      confirmed: z.boolean().default(false),
      permanent: z.boolean().default(false),
    }),
  ),
});
export const SlotSizes = z.object({
  images: z.array(
    z.object({
      image: count,
      slots: z.array(z.object({ slot: count, size: count })),
      max_image_size: count.optional(),
    }),
  ),
});
export const Uploaded = z.object({ off: count });
export const Nothing = z.object({});

export type DeviceIdentity = z.infer<typeof Identity>;
export type DeviceInfo = z.infer<typeof Info>;
export type DevicePolicy = z.infer<typeof Policy>;
export type SessionOpened = z.infer<typeof Opened>;
export type Finished = z.infer<typeof Decision>;
export type StoredReference = z.infer<typeof Reference>;
export type DeviceImage = z.infer<typeof Images>["images"][number];
