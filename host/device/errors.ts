// Errors of the device and of the line to it, each with a code that docs/errors.md explains and help that says what to do.
import { MGMT_ERR } from "../../link/link.ts";
import { CALIBRATION_FAULTS } from "../calibration/faults.ts";
import { EXIT, type Exit, type Reported } from "../errors.ts";
import { IMAGE_MEANINGS } from "./image-errors.ts";

/** SMP group of Kanmon's own commands. */
export const GROUP_KANMON = 64;
/** SMP group of the images. */
export const GROUP_IMAGE = 1;

export interface Meaning {
  readonly code: `KAN-${string}`;
  readonly message: string;
  readonly help: string;
  readonly exit?: Exit;
}

/** Result codes of group 64 (assembly/session/rc.ts). */
export const RC = {
  malformed: 1,
  busy: 2,
  noSession: 3,
  unsupported: 4,
  order: 5,
  overrun: 6,
  incomplete: 7,
  unknownUser: 8,
  knownUser: 9,
  full: 10,
  storage: 11,
  wait: 12,
  policy: 13,
  policyDocument: 14,
  notFound: 15,
  board: 16,
  notReady: 17,
  locked: 18,
  calibration: 19,
  calibrationDocument: 20,
  livenessDocument: 21,
} as const;

const MEANINGS: Record<number, Meaning> = {
  [RC.malformed]: {
    code: "KAN-DEVICE-MALFORMED",
    message: "a field of the request is missing, of the wrong type or out of range",
    help: "Use the same version of kanmon for the host and the image; else report it.",
  },
  [RC.busy]: {
    code: "KAN-DEVICE-BUSY",
    message: "a session is open already",
    help: "Finish or abort it; one whose host went away ends by itself after a few seconds.",
  },
  [RC.noSession]: {
    code: "KAN-DEVICE-NO-SESSION",
    message: "that session is not open (any more)",
    help: "Open a new one: the device restarted, or the session was ended by another request.",
  },
  [RC.unsupported]: {
    code: "KAN-DEVICE-UNSUPPORTED",
    message: "this image has no such modality, or not for frames of this size and form",
    help: "See `kanmon enroll --help` for modalities. The frame may be too large for this reader's memory: scale it, or give fewer bands.",
    exit: EXIT.input,
  },
  [RC.order]: {
    code: "KAN-DEVICE-ORDER",
    message: "a frame came out of its order",
    help: "Send frames 0, 1, 2 … of those announced, one after the other.",
  },
  [RC.overrun]: {
    code: "KAN-DEVICE-OVERRUN",
    message: "more data than the announced frame holds",
    help: "Announce the frame's true width and height when opening the session.",
  },
  [RC.incomplete]: {
    code: "KAN-DEVICE-INCOMPLETE",
    message: "the session has no whole frame yet, or the last one is not whole",
    help: "Send whole frames before finishing.",
  },
  [RC.unknownUser]: {
    code: "KAN-DEVICE-UNKNOWN-USER",
    message: "the device has no reference of that user",
    help: "Enrol the user first, or check the spelling of the identifier.",
    exit: EXIT.input,
  },
  [RC.knownUser]: {
    code: "KAN-DEVICE-KNOWN-USER",
    message: "the user has a reference already",
    help: "Delete the reference (`kanmon references delete`) before enrolling anew.",
    exit: EXIT.input,
  },
  [RC.full]: {
    code: "KAN-DEVICE-FULL",
    message: "the device's journal is full",
    help: "Read and release the log, or delete references that are not needed.",
  },
  [RC.storage]: {
    code: "KAN-DEVICE-STORAGE",
    message: "the device's flash failed; nothing was changed",
    help: "Try again; if it stays so, the flash is worn out or damaged.",
  },
  [RC.wait]: {
    code: "KAN-DEVICE-WAIT",
    message: "too many failed tries: the device makes the next one wait",
    help: "Wait as long as told, then try again.",
    exit: EXIT.policy,
  },
  [RC.locked]: {
    code: "KAN-DEVICE-LOCKED",
    message: "too many failed tries: the reference is locked",
    help: "Delete the reference and enrol the user anew.",
    exit: EXIT.policy,
  },
  [RC.policy]: {
    code: "KAN-DEVICE-POLICY",
    message: "the policy in force does not permit it",
    help: "See `kanmon policy show`; set a policy that permits it.",
    exit: EXIT.policy,
  },
  [RC.policyDocument]: {
    code: "KAN-DEVICE-POLICY-DOCUMENT",
    message: "the device did not take the policy document; the one before stays in force",
    help: "docs/errors.md lists the reasons: signature, age, a field missing, unknown or out of range.",
    exit: EXIT.input,
  },
  [RC.notFound]: {
    code: "KAN-DEVICE-NOT-FOUND",
    message: "the device has no such entry (any more)",
    help: "It was released after the host had stored it: look into the host's store.",
  },
  [RC.board]: {
    code: "KAN-DEVICE-BOARD",
    message: "the board could not sign, or gave no random bytes",
    help: "Restart the board; if it stays so, its key store is damaged.",
  },
  [RC.notReady]: {
    code: "KAN-DEVICE-NOT-READY",
    message: "the device could not bring up its journal and serves nothing but info",
    help: "Its state (`info`) says why; docs/errors.md says what to do for each state.",
  },
  [RC.calibration]: {
    code: "KAN-DEVICE-CALIBRATION",
    message: "the device has no calibration of this sensor's unit for frames of this size and kind",
    help: "Set the one that came with the unit: `kanmon calibration set FILE`; `kanmon calibration show` tells which is in force.",
    exit: EXIT.input,
  },
  [RC.calibrationDocument]: {
    code: "KAN-DEVICE-CALIBRATION-DOCUMENT",
    message: "the device did not take the calibration; the one before stays in force",
    help: "docs/calibration.md lists the reasons (signature, age, values that no unit has) and the ranges of the values.",
    exit: EXIT.input,
  },
  [RC.livenessDocument]: {
    code: "KAN-DEVICE-LIVENESS-DOCUMENT",
    message: "the device did not take the liveness calibration; the one before stays in force",
    help: "docs/errors.md lists the reasons: signature, age, tables that this image cannot use.",
    exit: EXIT.input,
  },
};

/** Why a calibration was not taken, by its reason (assembly/session/calibration.ts). */
const CALIBRATION_REASONS: Record<number, string> = {
  1: "it is empty or too long",
  2: "it is not a signed calibration",
  3: "it is not signed by the trusted authority",
  4: "it is malformed, or has a field that this image does not know",
  5: "it names another authority than its signer",
  6: "it is older than the one in force of the same unit",
  7: "no unit measures like this: a value is out of range, or contradicts another",
};

/** Why a liveness calibration was not taken, by its reason (assembly/session/liveness.ts). */
const LIVENESS_REASONS: Record<number, string> = {
  1: "it is empty or too long",
  2: "it is not a signed liveness calibration",
  3: "it is not signed by the trusted authority",
  4: "it is malformed, or has a field that this image does not know",
  5: "it names another authority than its signer",
  6: "it is older than the one in force for the same modality",
  7: "its tables name a term that this image does not measure, are not monotone, or have a value out of range",
};

/** Why a policy document was not taken, by its reason (assembly/session/policy.ts). */
const POLICY_REASONS: Record<number, string> = {
  1: "it is empty or too long",
  2: "it is not a signed document",
  3: "it is not signed by the trusted authority",
  4: "it is malformed",
  5: "its version is unknown",
  6: "it has a field that this image could not enforce",
  7: "a value is out of range",
  8: "it names another authority than its signer",
  9: "it is older than the policy in force",
};

const DOCUMENT_REASONS: Record<number, Record<number, string>> = {
  [RC.policyDocument]: POLICY_REASONS,
  [RC.calibrationDocument]: CALIBRATION_REASONS,
  [RC.livenessDocument]: LIVENESS_REASONS,
};

/** Something that the device refused, or that went wrong on the way to it. */
export class DeviceError extends Error implements Reported {
  override readonly name = "DeviceError";
  readonly code: `KAN-${string}`;
  readonly help: string;
  readonly exit: Exit;
  /** The SMP group whose result code `rc` is; undefined: an error of the protocol itself, or of the line. */
  readonly group: number | undefined;
  readonly rc: number | undefined;
  /** What else the device said, such as `wait_ms` or `reason`. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(
    { code, message, help, exit = EXIT.device }: Meaning,
    said: { group?: number; rc?: number; detail?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, said.cause === undefined ? {} : { cause: said.cause });
    this.code = code;
    this.help = help;
    this.exit = exit;
    this.group = said.group;
    this.rc = said.rc;
    this.detail = said.detail ?? {};
  }
}

/** The line closed before an answer came. */
export function closedError(where: string, cause: unknown): DeviceError {
  const message = `the line to the device (${where}) closed before it answered`;
  const help = "Look at the cable and the power, then connect again; a session that was open is to be opened anew.";
  return new DeviceError({ code: "KAN-LINK-CLOSED", message, help }, { cause });
}

/** No answer in time, however often it was asked. */
export function silentError(where: string, what: string, ms: number): DeviceError {
  const message = `the device on ${where} did not answer "${what}" within ${ms / 1000} s`;
  const help = "Check that the port is the device's, its speed, and that no other program holds it.";
  return new DeviceError({ code: "KAN-LINK-SILENT", message, help });
}

/** An answer that is not what the command's should be. Its content is not repeated: it may be a person's. */
export function answerError(where: string, what: string, fault: string): DeviceError {
  const message = `the device on ${where} answered "${what}" in a way this host does not understand: ${fault}`;
  const help = "Use the same version of kanmon for the host and the image.";
  return new DeviceError({ code: "KAN-LINK-ANSWER", message, help });
}

/** The error in an answer, undefined if there is none. */
export function refusal(what: string, body: Record<string, unknown>): DeviceError | undefined {
  const { err, rc: status } = body;
  if (typeof err === "object" && err !== null) {
    const { group, rc, ...detail } = err as Record<string, unknown>;
    if (typeof rc !== "number" || typeof group !== "number" || rc === 0) return undefined;
    const meaning = group === GROUP_KANMON ? MEANINGS[rc] : group === GROUP_IMAGE ? IMAGE_MEANINGS[rc] : undefined;
    const said = { group, rc, detail };
    if (!meaning) return new DeviceError(unknownMeaning(what, `rc ${rc} of group ${group}`), said);
    const wait = typeof detail["wait_ms"] === "number" ? ` (${Math.ceil(detail["wait_ms"] / 1000)} s)` : "";
    const why = `${wait}${reasonText(rc, detail)}`;
    return new DeviceError({ ...meaning, message: `"${what}": ${meaning.message}${why}` }, said);
  }
  if (typeof status !== "number" || status === MGMT_ERR.ok) return undefined;
  if (status !== MGMT_ERR.notSupported) return new DeviceError(unknownMeaning(what, `rc ${status}`), { rc: status });
  const message = `the device does not know the command "${what}"`;
  const help = "Update its image, or use the version of kanmon that belongs to it.";
  return new DeviceError({ code: "KAN-LINK-UNSUPPORTED", message, help }, { rc: status });
}

/** Why a document was not taken, and with which of its values that is. */
function reasonText(rc: number, { reason, fault }: Record<string, unknown>): string {
  if (typeof reason !== "number") return "";
  const value = typeof fault === "number" ? ` (${CALIBRATION_FAULTS[fault] ?? "a value unknown here"})` : "";
  return `: ${DOCUMENT_REASONS[rc]?.[reason] ?? "for a reason unknown here"}${value}`;
}

function unknownMeaning(what: string, code: string): Meaning {
  return {
    code: "KAN-LINK-REFUSED",
    message: `the device refused "${what}" with ${code}`,
    help: "docs/errors.md lists the result codes of SMP's own groups.",
  };
}
