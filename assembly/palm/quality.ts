import { putQuality } from "../vision/quality";
export function measureQuality(normalised: usize, form: i32, region: usize, quality: usize): i32 {
  putQuality(quality, 0, 50);
  return 0;
}
