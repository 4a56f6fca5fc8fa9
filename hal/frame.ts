// A frame that wipes itself: pixels are personal data, so whoever is done with them says so and they are gone.
import type { SensorFrame } from "./driver.ts";

/** Everything about a frame but its pixels' fate. */
export type FrameFacts = Omit<SensorFrame, "data" | "release">;

/** Makes a frame that owns `data`; `release()` zeroes it and may be called again. */
export function makeFrame(facts: FrameFacts, data: Uint8Array): SensorFrame {
  return { ...facts, data, release: () => void data.fill(0) };
}
