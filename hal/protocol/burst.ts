// Exposures that belong together must have been taken at once: between them a hand or a head moves, and ambient light changes, by what
// the interval gives and no more.
import type { SensorFrame } from "../driver.ts";
import { SensorError } from "../errors.ts";

/** Exposures of a burst may start so much later than the interval says: rounding, and a module's clock ticks. Share of the interval. */
const LATE = 0.1;

/** Raises KAN-SENSOR-FRAME unless the burst's last exposure follows the one before it at once. `what` and `where` are for the message. */
export function checkFollows(burst: readonly SensorFrame[], interval_us: number, what: string, where: string): void {
  const [before, last] = burst.slice(-2);
  if (!before || !last) return;
  const gap_us = last.timestamp_us - before.timestamp_us;
  const inTime = gap_us > 0 && gap_us <= interval_us * (1 + LATE);
  if (inTime && last.sequence === before.sequence + 1) return;
  const got = `${gap_us} us and ${last.sequence - before.sequence} exposures`;
  throw new SensorError(
    "KAN-SENSOR-FRAME",
    `the ${what} from ${where} is not stable: its exposures are ${got} apart, not ${interval_us} us and 1`,
  );
}
