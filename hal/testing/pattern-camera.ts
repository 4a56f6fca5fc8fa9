// A camera for tests of the protocol: fast, and with all byte values (runs of zeros too) in its pictures.
import type { SensorSettings } from "../driver.ts";
import type { Camera } from "../sim/camera.ts";
import { makeRandom } from "../sim/eye/random.ts";

/** The picture that `patternCamera` takes as its exposure number `sequence`. */
export function pattern(sequence: number, bytes: number): Uint8Array {
  const random = makeRandom(sequence);
  const pixels = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) pixels[i] = i % 97 < 30 ? 0 : random.bits();
  return pixels;
}

/** A small, quick palm camera: also shows that the protocol is not for irises alone. */
export const patternCamera: Camera = {
  identity: { vendor: "Test", model: "Pattern", serial: "1", firmware: "1" },
  capabilities: {
    modality: "palm",
    matching: "on-module",
    profile: "guided",
    formats: [
      { width: 80, height: 60, bits: 8 },
      { width: 64, height: 48, bits: 12 },
    ],
    illumination: [
      { name: "850", nm: 850 },
      { name: "940", nm: 940 },
    ],
    exposure_us: { min: 100, max: 10_000 },
    max_rate_hz: 1000,
    buffers: 4,
    region: "cropped",
    schedule: 3,
    transfer: { chunk: 1024, window: 4 },
  },
  defaults: {
    width: 80,
    height: 60,
    bits: 8,
    exposure_us: 500,
    interval_us: 1000,
    illumination: { "850": 50, "940": 0 },
    schedule: [],
  },
  expose: ({ width, height, bits }: SensorSettings, sequence) => pattern(sequence, width * height * (bits > 8 ? 2 : 1)),
  health: () => ({ temperature_c: -3.25, leds: { "850": "ok", "940": "open" } }),
};
