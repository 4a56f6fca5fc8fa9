// What a module that matches by itself looks like to the rest of Kanmon. It is no SensorDriver: it delivers no frames, so nothing of it
// passes through the image; its answer is an id that Kanmon cannot check, and no record is made of it. A policy must permit it
// (host/terminal/on-module.ts).
import type { Modality } from "./driver.ts";

/** What such a module is, said as far as anybody outside its maker knows. */
export interface OnModuleCapabilities {
  readonly matching: "on-module";
  /** Everything the module may match whenever it is asked to verify: it cannot be held to one of them. */
  readonly modalities: readonly Modality[];
  /** Its references lie in its flash in a form of its maker's; no claim about their protection can be checked. */
  readonly template_protection: "none claimed";
  /** Its presentation attack detection is its own, and was not evaluated by Kanmon. */
  readonly liveness: "own, not evaluated";
  readonly frames: false;
}

/** Who made the module. What it did not say is left out. */
export interface OnModuleIdentity {
  readonly vendor: string;
  readonly family: string;
  readonly firmware?: string;
  readonly serial?: string;
}

export interface FlowOptions {
  /** How long the module waits for a presentation, whole seconds, 1 to 255; 10 if left out. */
  readonly timeout_s?: number;
  /** Ends the flow: the module is told to stop, then the signal's reason is thrown. */
  readonly signal?: AbortSignal;
  /** What the subject should change, as it comes: "no_face", "too_far", "hand_too_near"... */
  readonly onHint?: (hint: string) => void;
}

export interface EnrollRequest extends FlowOptions {
  readonly modality: Modality;
  /** Kept by the module and told with each match; its length in UTF-8 is limited by the family. */
  readonly name: string;
  readonly admin?: boolean;
  /** "all": one presentation for each pose that the family knows; "front" (if left out): a single one. */
  readonly poses?: "front" | "all";
  /** Told before each presentation which pose is wanted. */
  readonly onPose?: (pose: string) => void;
}

/** `reason`: the module's own result, by name ("timeout", "already_enrolled"...). */
export type EnrollOutcome =
  | { readonly enrolled: true; readonly id: number }
  | { readonly enrolled: false; readonly reason: string };

export type VerifyOutcome =
  | {
      readonly matched: true;
      readonly id: number;
      readonly name: string;
      readonly admin: boolean;
      readonly modality: Modality;
    }
  | { readonly matched: false; readonly reason: string };

/** Who is enrolled in one modality. `ids` is left out where the family tells only how many. */
export interface EnrolledUsers {
  readonly modality: Modality;
  readonly count: number;
  readonly ids?: readonly number[];
}

/** A module that matches by itself. One flow at a time; all methods reject with a ModuleError (hal/efaa/errors.ts). */
export interface OnModuleMatcher {
  readonly capabilities: OnModuleCapabilities;
  identify(): Promise<OnModuleIdentity>;
  enroll(request: EnrollRequest): Promise<EnrollOutcome>;
  /** Searches all enrolled users for whoever is presented. */
  verify(options?: FlowOptions): Promise<VerifyOutcome>;
  list(): Promise<EnrolledUsers[]>;
  /** Returns whether there was such a user. */
  delete(id: number): Promise<boolean>;
  /** Deletes everybody, and asks whether anybody is left. */
  deleteAll(): Promise<void>;
  /** Ends whatever the module is doing; its users stay. */
  reset(): Promise<void>;
  close(): Promise<void>;
}
