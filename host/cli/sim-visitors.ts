// People before the simulated reader of `kanmon sim`, until Ctrl-C: at each stand in turn a newcomer is enrolled, comes back, and a stranger
// follows.
import { setTimeout } from "node:timers/promises";
import type { Output } from "./output.ts";
import type { Reader } from "./reader.ts";
import { resultText, sentence } from "./sentences.ts";
import { type Stand, visit } from "./sim-stand.ts";

const PAUSE_MS = 1_000;
/** Visits that a stand gets in a row: newcomer, the same person again, stranger. */
const IN_A_ROW = 3;

/** Presents people for ever. What goes wrong with one is shown, and the next one comes. */
export async function keepComing(reader: Reader, stands: readonly Stand[], output: Output): Promise<never> {
  output.note("\npeople keep coming; Ctrl-C ends");
  const first = 1000 * (reader.info.log.size + 10);
  for (let count = 0; ; count++) {
    const stand = stands[Math.floor(count / IN_A_ROW) % stands.length] as Stand;
    const turn = count % IN_A_ROW;
    const person = turn === 2 ? -first - count : first + count - turn;
    const user = `visitor-${person}`;
    const purpose = turn === 0 ? "enroll" : "identify";
    try {
      const { result } = await visit(reader, stand, { person, purpose, user });
      const text = turn === 0 ? resultText(result, stand.modality, user) : resultText(result, stand.modality);
      const reasons = result.reasons.every((reason) => reason === "none")
        ? ""
        : ` [${result.reasons.map((reason) => sentence(reason, stand.modality)).join(", ")}]`;
      output.note(`${new Date().toISOString()}  ${stand.modality}  ${text}${reasons}`);
    } catch (error) {
      output.fail(error);
    }
    await reader.collectLog();
    await setTimeout(PAUSE_MS);
  }
}
