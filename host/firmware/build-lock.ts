// One build at a time in a folder: others wait, because what they want is then mostly there.
import { KanmonError } from "../errors.ts";
import { takeLock } from "../simulator/lock.ts";

const PATIENCE_MS = 10 * 60_000;
const PAUSE_MS = 200;

/** Waits until nobody else builds there, and keeps others waiting until the function it resolves to is called. Throws KAN-STATE-LOCKED. */
export async function waitForTurn(path: string): Promise<() => void> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    try {
      return takeLock(path);
    } catch (error) {
      if (!(error instanceof KanmonError && error.code === "KAN-STATE-LOCKED") || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
