// Modules that match by themselves, under the policy in force: they may be used for a modality only where its policy says so, since nothing
// of what they do leaves evidence (no record, no protected reference, no proof of what was wiped). Without the word, they are refused.
import type { Modality } from "../../hal/driver.ts";
import type { OnModuleMatcher } from "../../hal/on-module.ts";
import { EXIT, KanmonError } from "../errors.ts";
import type { Policy } from "../policy/document.ts";

/** What people must be told whenever such a module decides. */
export const NO_RECORD =
  "the module matches by itself: its decision cannot be checked here, and no PEC record exists for it";

/** Raises KAN-MODULE-POLICY (exit 5) unless the policy permits matching on a module for every one of `modalities`. */
export function requireOnModule({ name, modalities: limits }: Policy, modalities: readonly Modality[]): void {
  const refused = modalities.filter((modality) => limits[modality]?.on_module !== true);
  if (refused.length === 0) return;
  throw new KanmonError(
    "KAN-MODULE-POLICY",
    `the policy in force ("${name}") does not permit modules that match ${refused.join(" and ")} by themselves`,
    `Where evidence of minimisation is not required, its authority may set ${refused.map((modality) => `modalities.${modality}.on_module`).join(" and ")} to true (docs/efaa.md); else use a module that delivers frames. To verify, all that the module may match must be permitted: it cannot be held to one.`,
    EXIT.policy,
  );
}

/**
 * The module as the policy has it. Enrolling needs the permission for its modality; verifying for all that the module may match, since it
 * cannot be held to one. Listing, deleting and stopping are never refused: they keep less, not more.
 */
export function underPolicy(matcher: OnModuleMatcher, policy: Policy): OnModuleMatcher {
  const { capabilities } = matcher;
  return {
    capabilities,
    identify: () => matcher.identify(),
    enroll: async (request) => {
      requireOnModule(policy, [request.modality]);
      return matcher.enroll(request);
    },
    verify: async (options) => {
      requireOnModule(policy, capabilities.modalities);
      return matcher.verify(options);
    },
    list: () => matcher.list(),
    delete: (id) => matcher.delete(id),
    deleteAll: () => matcher.deleteAll(),
    reset: () => matcher.reset(),
    close: () => matcher.close(),
  };
}
