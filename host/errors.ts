// Errors a person meets: what was wrong, where, and what to do, with a code that docs/errors.md explains.

/** Exit codes of `kanmon` (docs/errors.md): 0 done, 1 the answer is no, 2 usage, 3 bad input, 4 device or link, 5 not permitted by policy. */
export const EXIT = { done: 0, no: 1, usage: 2, input: 3, device: 4, policy: 5 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** What the command line needs of an error to report it; other folders' error classes may simply have these fields. */
export interface Reported {
  readonly code: string;
  readonly message: string;
  readonly help: string;
  readonly exit: Exit;
}

/** An error with a code (`KAN-…`), a message that says what and where, and help that says what to do. Never carries data of a person. */
export class KanmonError extends Error implements Reported {
  override readonly name = "KanmonError";
  readonly code: `KAN-${string}`;
  readonly help: string;
  readonly exit: Exit;

  constructor(code: `KAN-${string}`, message: string, help: string, exit: Exit = EXIT.input, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
    this.exit = exit;
  }
}

/** True for errors that were meant to be read by a person; anything else is a defect of ours. */
export function isReported(error: unknown): error is Reported {
  const e = error as Partial<Reported> | null;
  return (
    error instanceof Error &&
    typeof e?.code === "string" &&
    e.code.startsWith("KAN-") &&
    typeof e.help === "string" &&
    typeof e.exit === "number"
  );
}
