// The file of a signed image, MCUboot's image format (docs/design.md of MCUboot, "Image format") in the one form that Kanmon writes and
// takes: header, payload (the WASM), protected TLVs (security counter, development marking), TLVs (SHA-256, key hash, Ed25519).
// One image has one encoding: whatever could be said in two ways is refused. docs/image.md has the table. All numbers little-endian.
import { EXIT, KanmonError } from "../errors.ts";
import { checkVersion, type ImageVersion } from "./version.ts";

export const HEADER_BYTES = 32;
export const TLV = { keyHash: 0x01, sha256: 0x10, ed25519: 0x24, securityCounter: 0x50, development: 0xa0 } as const;
/** Names as imgtool prints them. */
export const TLV_NAMES: Readonly<Record<number, string>> = {
  [TLV.keyHash]: "KEYHASH",
  [TLV.sha256]: "SHA256",
  [TLV.ed25519]: "ED25519",
  [TLV.securityCounter]: "SEC_CNT",
  [TLV.development]: "KANMON_DEVELOPMENT",
};
/** No payload is longer: an image has at most 88 KB of code and little data, so this is room enough, and keeps sizes from overflowing. */
export const PAYLOAD_LIMIT = 0x0100_0000;

const MAGIC = 0x96f3b83d;
const PROTECTED_MAGIC = 0x6908;
const TLV_MAGIC = 0x6907;
const DEVELOPMENT = new TextEncoder().encode("development");

/** `struct image_header` without its magic. */
export interface ImageHeader {
  readonly loadAddress: number;
  readonly headerSize: number;
  /** Bytes of the protected TLV area, its own 4 bytes of header included. */
  readonly protectedTlvSize: number;
  /** Bytes of the payload. */
  readonly imageSize: number;
  readonly flags: number;
}

/** One TLV and where it stands in the file. */
export interface ImageTlv {
  readonly type: number;
  readonly protected: boolean;
  readonly offset: number;
  readonly value: Uint8Array;
}

/** What header, payload and protected TLVs say: all that the digest covers. */
export interface ImageContent {
  readonly version: ImageVersion;
  /** 0..2^32-1; a board never goes back to a lower one. */
  readonly securityCounter: number;
  /** The WASM module. */
  readonly payload: Uint8Array;
  /** Signed with a development key, and says so. */
  readonly development: boolean;
}

/** The unprotected TLVs. */
export interface ImageSeal {
  /** SHA-256 of header, payload and protected TLVs, 32 bytes. */
  readonly digest: Uint8Array;
  /** SHA-256 of the signing key's SubjectPublicKeyInfo (DER), 32 bytes. */
  readonly keyHash: Uint8Array;
  /** Ed25519 signature (RFC 8032) of `digest`, 64 bytes. */
  readonly signature: Uint8Array;
}

export interface SignedImage extends ImageContent, ImageSeal {
  readonly header: ImageHeader;
  readonly tlvs: readonly ImageTlv[];
  /** The bytes that the digest covers. */
  readonly covered: Uint8Array;
}

/** Header, payload and protected TLVs: the bytes that the digest covers. Throws KAN-IMAGE-VERSION, KAN-IMAGE-COUNTER, KAN-IMAGE-SIZE. */
export function encodeContent({ version, securityCounter, payload, development }: ImageContent): Uint8Array {
  checkVersion(version);
  checkCounter(securityCounter);
  if (payload.length === 0 || payload.length > PAYLOAD_LIMIT)
    throw new KanmonError(
      "KAN-IMAGE-SIZE",
      `the payload has ${payload.length} bytes, an image has 1 to ${PAYLOAD_LIMIT}`,
      "Give the image's WASM file.",
    );
  const counter = Buffer.alloc(4);
  counter.writeUInt32LE(securityCounter);
  const tlvs = [tlv(TLV.securityCounter, counter), ...(development ? [tlv(TLV.development, DEVELOPMENT)] : [])];
  const area = tlvArea(PROTECTED_MAGIC, tlvs);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(HEADER_BYTES, 8);
  header.writeUInt16LE(area.length, 10);
  header.writeUInt32LE(payload.length, 12);
  header.writeUInt8(version.major, 20);
  header.writeUInt8(version.minor, 21);
  header.writeUInt16LE(version.revision, 22);
  header.writeUInt32LE(version.build, 24);
  return new Uint8Array(Buffer.concat([header, payload, area]));
}

/** The whole file of an image. Throws as `encodeContent`. */
export function encodeImage(image: ImageContent & ImageSeal): Uint8Array {
  const seal = [tlv(TLV.sha256, image.digest), tlv(TLV.keyHash, image.keyHash), tlv(TLV.ed25519, image.signature)];
  return new Uint8Array(Buffer.concat([encodeContent(image), tlvArea(TLV_MAGIC, seal)]));
}

/**
 * Takes a file apart, trusting nothing; what it says is verified by verify.ts. `name` is for messages.
 * Throws KAN-IMAGE-MAGIC (not an image), KAN-IMAGE-HEADER (a form that Kanmon has no use for), KAN-IMAGE-SIZE (cut short, or with something
 * behind it), KAN-IMAGE-TLV (a TLV missing, unknown, out of order or of the wrong size).
 */
export function parseImage(bytes: Uint8Array, name = "the image"): SignedImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (code: `KAN-${string}`, what: string) => refuse(code, `${name}: ${what}`);
  if (bytes.length === 0) throw fail("KAN-IMAGE-MAGIC", "is empty");
  if (bytes.length < 4 || view.getUint32(0, true) !== MAGIC)
    throw fail("KAN-IMAGE-MAGIC", "does not begin with the magic 0x96f3b83d of MCUboot's images");
  const room = (end: number, what: string) => {
    if (end > bytes.length) throw fail("KAN-IMAGE-SIZE", `${what} ends at byte ${end}, the file has ${bytes.length}`);
  };
  room(HEADER_BYTES, "the header");
  const header: ImageHeader = {
    loadAddress: view.getUint32(4, true),
    headerSize: view.getUint16(8, true),
    protectedTlvSize: view.getUint16(10, true),
    imageSize: view.getUint32(12, true),
    flags: view.getUint32(16, true),
  };
  if (header.loadAddress !== 0 || header.headerSize !== HEADER_BYTES || header.flags !== 0 || view.getUint32(28, true))
    throw fail("KAN-IMAGE-HEADER", "load address and flags must be 0, and the header 32 bytes long");
  const payloadEnd = HEADER_BYTES + header.imageSize;
  if (header.imageSize === 0 || header.imageSize > PAYLOAD_LIMIT)
    throw fail("KAN-IMAGE-SIZE", `says a payload of ${header.imageSize} bytes; one has 1 to ${PAYLOAD_LIMIT}`);
  room(payloadEnd, "the payload");

  const tlvs: ImageTlv[] = [];
  /** Reads a TLV area that must hold TLVs of these types and sizes; returns where it ends. */
  const area = (start: number, magic: number, form: readonly (readonly [type: number, size: number])[]): number => {
    const size = form.reduce((sum, [, length]) => sum + 4 + length, 4);
    const where = magic === PROTECTED_MAGIC ? "the protected TLV area" : "the TLV area";
    room(start + 4, where);
    if (view.getUint16(start, true) !== magic || view.getUint16(start + 2, true) !== size)
      throw fail(
        "KAN-IMAGE-TLV",
        `${where} at byte ${start} does not begin with 0x${magic.toString(16)} and its size, ${size}`,
      );
    room(start + size, where);
    let at = start + 4;
    for (const [type, length] of form) {
      if (view.getUint16(at, true) !== type || view.getUint16(at + 2, true) !== length)
        throw fail("KAN-IMAGE-TLV", `at byte ${at} stands no ${TLV_NAMES[type]} of ${length} bytes`);
      tlvs.push({
        type,
        protected: magic === PROTECTED_MAGIC,
        offset: at,
        value: bytes.subarray(at + 4, at + 4 + length),
      });
      at += 4 + length;
    }
    return at;
  };
  const plain = [[TLV.securityCounter, 4]] as const;
  const marked = [...plain, [TLV.development, DEVELOPMENT.length]] as const;
  const development = header.protectedTlvSize !== 12;
  const coveredEnd = area(payloadEnd, PROTECTED_MAGIC, development ? marked : plain);
  if (header.protectedTlvSize !== coveredEnd - payloadEnd)
    throw fail(
      "KAN-IMAGE-TLV",
      `the header says ${header.protectedTlvSize} bytes of protected TLVs, there are ${coveredEnd - payloadEnd}`,
    );
  const end = area(coveredEnd, TLV_MAGIC, [
    [TLV.sha256, 32],
    [TLV.keyHash, 32],
    [TLV.ed25519, 64],
  ]);
  if (end !== bytes.length) throw fail("KAN-IMAGE-SIZE", `the image ends at byte ${end}, the file has ${bytes.length}`);

  const value = (type: number) => tlvs.find((each) => each.type === type)?.value as Uint8Array;
  if (development && !Buffer.from(value(TLV.development)).equals(DEVELOPMENT))
    throw fail("KAN-IMAGE-TLV", 'the development marking does not say "development"');
  return {
    header,
    version: {
      major: view.getUint8(20),
      minor: view.getUint8(21),
      revision: view.getUint16(22, true),
      build: view.getUint32(24, true),
    },
    securityCounter: view.getUint32(payloadEnd + 8, true),
    payload: bytes.subarray(HEADER_BYTES, payloadEnd),
    development,
    digest: value(TLV.sha256),
    keyHash: value(TLV.keyHash),
    signature: value(TLV.ed25519),
    tlvs,
    covered: bytes.subarray(0, coveredEnd),
  };
}

/** Checks a security counter. Throws KAN-IMAGE-COUNTER. */
function checkCounter(counter: number): void {
  if (Number.isInteger(counter) && counter >= 0 && counter <= 0xffffffff) return;
  throw new KanmonError(
    "KAN-IMAGE-COUNTER",
    `the security counter is ${counter}, it goes from 0 to 4294967295`,
    "Count up by one when an image closes a hole that older images have; boards then refuse those.",
    EXIT.usage,
  );
}

function tlv(type: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(type, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function tlvArea(magic: number, tlvs: readonly Buffer[]): Buffer {
  const body = Buffer.concat(tlvs);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(magic, 0);
  head.writeUInt16LE(4 + body.length, 2);
  return Buffer.concat([head, body]);
}

function refuse(code: `KAN-${string}`, message: string): KanmonError {
  return new KanmonError(
    code,
    message,
    "Take the file from where it was signed again; `kanmon image sign` makes one from a WASM file.",
  );
}
