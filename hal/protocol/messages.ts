// The sensor protocol's numbers (docs/sensor-protocol.md): SMP group, command ids, refusals, limits.
import { OP } from "../../link/smp.ts";

export type { Body } from "../../link/channel.ts";

export const SENSOR_GROUP = 65;
export const PROTOCOL_VERSION = 1;

export const COMMAND = {
  identify: 0,
  capabilities: 1,
  configure: 2,
  capture: 3,
  frame: 4,
  chunk: 5,
  stop: 6,
  health: 7,
} as const;
export type CommandName = keyof typeof COMMAND;

/** Which operation each command is asked with. */
export const OPERATION: Record<CommandName, typeof OP.read | typeof OP.write> = {
  identify: OP.read,
  capabilities: OP.read,
  configure: OP.write,
  capture: OP.write,
  frame: OP.read,
  chunk: OP.read,
  stop: OP.write,
  health: OP.read,
};

/** Refusals: `{err: {group: 65, rc}}`. */
export const REFUSAL = {
  unknown: 1,
  invalid: 3,
  unsupported: 4,
  noCapture: 6,
  noFrame: 7,
  fault: 8,
} as const;

/** The name of a refusal for messages. */
export function refusalName(rc: number): string {
  return Object.entries(REFUSAL).find(([, value]) => value === rc)?.[0] ?? "not documented";
}

/** The protocol's limits on what a module may announce: what a driver is ready to reserve memory for. */
export const LIMITS = {
  side: 4096,
  frameBytes: 32 * 1024 * 1024,
  buffers: 1024,
  formats: 32,
  channels: 16,
  schedule: 16,
  /** Of patterns: kinds of periods and of steps that a module may list, and the largest of each. */
  patterns: 16,
  periods: 1024,
  steps: 32,
  bits: 12,
  offset: 65535,
} as const;

/** Bytes of a frame's pixels. */
export function frameBytes(format: { width: number; height: number; bits: number }): number {
  return format.width * format.height * (format.bits > 8 ? 2 : 1);
}
