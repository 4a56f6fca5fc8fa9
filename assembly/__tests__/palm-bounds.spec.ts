// Whatever the form and the size of a frame, its smallest, odd and most oblong ones too: an extraction writes its work space, template and
// quality and nothing beside them, and the same frame gives the same answer whatever lies around.
import { palmExtract, palmTemplateBytes, palmWipe, palmWorkspace } from "../palm/palm";
import { formBands, formOf } from "../vision/form";
import { QUALITY_BYTES } from "../vision/quality";

const SIZES: StaticArray<i32> = [
  64, 64, 65, 64, 64, 65, 1024, 64, 64, 768, 67, 768, 1023, 67, 161, 121, 97, 353, 320, 240,
];
const GUARD: i32 = 4096;
const PAGES: i32 = 8;
let base: usize = 0;
let state: u32 = 1;
let templates: i32 = 0;

/** Fills a frame: 0 noise, 1 white, 2 a slope, 3 something round with five fingers, 4 dark with one bright pixel in a corner, 5 lines like veins. */
function draw(frame: usize, width: i32, height: i32, bands: i32, kind: i32): void {
  const short = min(width, height) as f32;
  for (let i = 0; i < width * height * bands; i++) {
    state = state * 1664525 + 1013904223;
    const noise = (state >>> 24) as i32;
    const x = i % width;
    const y = (i / width) % height;
    let v = noise;
    if (kind == 1) v = 255;
    if (kind == 2) v = (255 * x) / width;
    if (kind == 4) v = i == 0 ? 255 : 3;
    if (kind == 5) v = 80 + abs((((x * 85) / 10) % 160) - 80) + noise / 13;
    if (kind == 3) {
      const dx = (x as f32) - 0.5 * (width as f32);
      const dy = (y as f32) - 0.6 * (height as f32);
      const finger = dy < 0 && (((dx / short + 0.25) * 10) as i32) % 2 == 0;
      const reach: f32 = finger ? 0.5 : 0.25;
      v = sqrt<f32>(dx * dx + dy * dy) < reach * short ? 130 + ((x >> 2) % 3) * 20 + (noise >> 5) : 4;
    }
    store<u8>(frame + (i as usize), v as u8);
  }
}

function filled(from: usize, bytes: i32, value: u8): bool {
  for (let i = 0; i < bytes; i++) if (load<u8>(from + (i as usize)) != value) return false;
  return true;
}

/** FNV-1a of bytes. */
function digest(from: usize, bytes: i32, seed: u32): u32 {
  for (let i = 0; i < bytes; i++) seed = (seed ^ (load<u8>(from + (i as usize)) as u32)) * 16777619;
  return seed;
}

/** Extracts with `value` everywhere around and in the work space; a digest of what came of it, 0 where something beside it was written. */
function extract(width: i32, height: i32, form: i32, value: u8): u32 {
  const frame = base;
  const frameBytes = width * height * formBands(form);
  const work = frame + (((frameBytes + 15) & ~15) as usize);
  const workBytes = palmWorkspace(width, height, form);
  const template = work + ((workBytes + GUARD + 7) & ~7);
  const templateBytes = palmTemplateBytes(form);
  const quality = template + ((templateBytes + GUARD) as usize);
  memory.fill(frame + (frameBytes as usize), value, quality + QUALITY_BYTES + GUARD - frame - (frameBytes as usize));
  const before = digest(frame, frameBytes, 1);
  const reason = palmExtract(frame, width, height, form, work, template, quality);
  const whole =
    filled(frame + (frameBytes as usize), ((work - frame) as i32) - frameBytes, value) &&
    filled(work + (workBytes as usize), ((template - work) as i32) - workBytes, value) &&
    filled(template + (templateBytes as usize), GUARD, value) &&
    filled(quality + QUALITY_BYTES, GUARD, value) &&
    digest(frame, frameBytes, 1) == before;
  if (!reason) templates++;
  palmWipe();
  return whole ? digest(quality, QUALITY_BYTES, digest(template, templateBytes, reason)) | 1 : 0;
}

describe("an extraction keeps to its own memory", () => {
  beforeAll(() => {
    base = (memory.size() as usize) << 16;
    memory.grow(PAGES);
  });
  it("in every form, at every size", () => {
    for (let s = 0; s < SIZES.length; s += 2) {
      const width = unchecked(SIZES[s]);
      const height = unchecked(SIZES[s + 1]);
      for (let form = 0; form < 12; form++) {
        const shown = formOf(form & 1 ? 3 : 1, form >> 2, (form >> 1) & 1);
        for (let kind = 0; kind < 6; kind++) {
          draw(base, width, height, formBands(shown), kind);
          const one = extract(width, height, shown, 0xa5);
          expect(one).not.toBe(0);
          expect(extract(width, height, shown, 0x5a)).toBe(one);
        }
      }
    }
    expect(templates).toBeGreaterThan(60);
  });
});
