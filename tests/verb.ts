// Runs a verb of `kanmon` in this process, as with --json, and keeps what it answers.
import type { Output } from "../host/cli/output.ts";
import type { Verb } from "../host/cli/verb.ts";
import { isReported } from "../host/errors.ts";

export interface Answer {
  exit: number;
  // biome-ignore lint/suspicious/noExplicitAny: JSON, which the tests look into
  value: any;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  events: any[];
}

/** `argv`: what stands behind the verb. An error that a person would be told is the answer `{error: {code, message}}`. */
export async function runVerb(verb: Verb, ...argv: string[]): Promise<Answer> {
  const answer: Answer = { exit: 0, value: undefined, text: "", events: [] };
  const output: Output = {
    json: true,
    answer: (value, text, exit = 0) => void Object.assign(answer, { value, text, exit }),
    event: (value) => void answer.events.push(value),
    note: () => {},
    progress: () => ({ update: () => {}, stop: () => {} }),
    bars: () => ({ add: () => ({ update: () => {} }), stop: () => {} }),
    fail: () => {},
  };
  try {
    await verb(output).exitOverride().parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!isReported(error)) throw error;
    Object.assign(answer, { value: { error: { code: error.code, message: error.message } }, exit: error.exit });
  }
  return answer;
}
