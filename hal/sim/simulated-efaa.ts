// A whole simulated module that matches by itself: module, line and the real driver on top. What the command line and the tests start.
import type { Family } from "../efaa/dialects.ts";
import { EfaaModule } from "../efaa/module.ts";
import { SimulatedEfaaModule } from "./efaa-module.ts";
import { type LineKind, openLine, type VirtualLine } from "./line.ts";

export interface SimulatedEfaa {
  /** The real driver. */
  readonly matcher: EfaaModule;
  /** The module: who is before it (`module.present({ person: 7 })`), and its fault switches. */
  readonly module: SimulatedEfaaModule;
  readonly line: VirtualLine;
  close(): Promise<void>;
}

/**
 * Starts one. `kind` chooses the line; by default the best this machine can do. `pace` shortens all waiting, for tests: the driver's by this
 * factor, the module's by its square, so that a busy machine makes no time-outs; 1 if left out.
 */
export async function openSimulatedEfaa(family: Family, kind?: LineKind, pace = 1): Promise<SimulatedEfaa> {
  const line = await openLine(kind);
  const module = new SimulatedEfaaModule(line.far, family);
  module.second_ms *= pace ** 2;
  module.look_ms *= pace ** 2;
  const port = await line.open();
  const matcher = new EfaaModule(port.stream, line.path, family, { closeStream: port.close, pace });
  const close = async (): Promise<void> => {
    await matcher.close();
    await line.close();
  };
  return { matcher, module, line, close };
}
