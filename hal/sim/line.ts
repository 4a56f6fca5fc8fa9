// A serial line with a driver's end and a module's end, for simulated modules. Where socat is installed it is a pair of pseudo
// terminals, so that the driver opens it like any real port; elsewhere it is serialport's own mock binding.
import type { Duplex } from "node:stream";
import type { OpenPort } from "../protocol/port.ts";
import { openMockLine } from "./line-mock.ts";
import { hasSocat, openPtyLine } from "./line-pty.ts";

export type LineKind = "pty" | "mock";

export interface VirtualLine {
  /** Which kind of line this is, for reports. */
  readonly kind: LineKind;
  /** The path of the driver's end. Others on this machine can open it too if `kind` is "pty". */
  readonly path: string;
  /** The module's end. */
  readonly far: Duplex;
  /** Opens the driver's end through serialport. */
  open(): Promise<OpenPort>;
  /** Pulls the cable: both ends see the line break. */
  unplug(): Promise<void>;
  /** Takes the line down. */
  close(): Promise<void>;
}

/** Makes a line: of the wanted kind, else the best this machine can do. */
export function openLine(kind: LineKind = hasSocat() ? "pty" : "mock"): Promise<VirtualLine> {
  return kind === "pty" ? openPtyLine() : openMockLine();
}
