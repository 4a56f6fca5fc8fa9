// SMP, the Simple Management Protocol of mcumgr (Zephyr documentation, "SMP protocol specification"), version 2: an 8-byte
// header (reserved, version, operation; flags; length; group; sequence; id; big-endian) and a CBOR map (RFC 8949).
import { decode, encode, rfc8949EncodeOptions } from "cborg";

export const SMP_HEADER_BYTES = 8;

/** Operations; a response's is its request's plus one. */
export const OP = { read: 0, readResponse: 1, write: 2, writeResponse: 3 } as const;

/** Errors of the protocol itself (mcumgr's MGMT_ERR), told as `{rc}`. */
export const MGMT_ERR = {
  ok: 0,
  unknown: 1,
  noMemory: 2,
  invalid: 3,
  timeout: 4,
  noEntry: 5,
  badState: 6,
  messageSize: 7,
  notSupported: 8,
  corrupt: 9,
  busy: 10,
  denied: 11,
} as const;

export interface SmpHeader {
  /** OP.… */
  readonly operation: number;
  /** 0: version 1; 1: version 2. */
  readonly version: number;
  readonly group: number;
  readonly id: number;
  /** 0..255; the response repeats the request's. */
  readonly sequence: number;
}

/** Whether `message` has a header of version 1 or 2 that agrees with its length. */
export function smpFits(message: Uint8Array): boolean {
  const [first = 255, flags = 255, high = 255, low = 255] = message;
  return (
    message.length >= SMP_HEADER_BYTES &&
    first >> 3 <= 1 &&
    (first & 7) <= 3 &&
    flags === 0 &&
    high * 256 + low === message.length - SMP_HEADER_BYTES
  );
}

/** The header of `message`, which smpFits has accepted. */
export function smpHeader(message: Buffer): SmpHeader {
  const first = message.readUInt8(0);
  return {
    operation: first & 7,
    version: first >> 3,
    group: message.readUInt16BE(4),
    id: message.readUInt8(7),
    sequence: message.readUInt8(6),
  };
}

/** The CBOR body of `message`, decoded (byte strings are copies). Throws if it is not exactly one map with text keys. */
export function smpBody(message: Uint8Array): Record<string, unknown> {
  const body: unknown = decode(message.subarray(SMP_HEADER_BYTES), { strict: true, rejectDuplicateMapKeys: true });
  if (typeof body !== "object" || body === null || Array.isArray(body) || body instanceof Uint8Array) {
    throw new Error("the body of the SMP message is not a map");
  }
  return body as Record<string, unknown>;
}

/** A whole message: header and deterministic CBOR (RFC 8949 section 4.2); keys with the value undefined are left out. */
export function smpMessage(header: SmpHeader, body: Record<string, unknown>): Buffer {
  const cbor = encode(body, { ...rfc8949EncodeOptions, ignoreUndefinedProperties: true });
  const message = Buffer.allocUnsafe(SMP_HEADER_BYTES + cbor.length);
  message.writeUInt8((header.version << 3) | header.operation, 0);
  message.writeUInt8(0, 1);
  message.writeUInt16BE(cbor.length, 2);
  message.writeUInt16BE(header.group, 4);
  message.writeUInt8(header.sequence, 6);
  message.writeUInt8(header.id, 7);
  message.set(cbor, SMP_HEADER_BYTES);
  return message;
}
