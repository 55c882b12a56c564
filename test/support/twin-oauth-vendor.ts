import { randomUUID } from "node:crypto";
import type { FaultName, FaultOptions } from "../../sandbox/faults.ts";
import type { Grants } from "../../sandbox/oauth/grants.ts";
import { type Sandbox, startSandbox } from "../../sandbox/sandbox.ts";
import type { OAuthVendor, TokenTrouble } from "../contract/oauth-provider.ts";
import type { ConsentPage } from "./consent.ts";

/** A twin whose consent page the contract goes through. */
interface ConsentTwin extends ConsentPage {
  createAccount(account: { readonly email: string }): void;
  revoke(email: string): void;
  issuedSecrets(): readonly string[];
  fail(fault: FaultName, options: FaultOptions): () => void;
}

interface TwinParts extends Pick<OAuthVendor, "takes" | "canBeUnticked" | "accountSettings" | "knownByAddress"> {
  readonly twin: ConsentTwin;
  readonly grants: Grants;
}

const faults = {
  down: "down",
  "web-page": "html",
  truncated: "truncated",
  "hung-up": "hung-up",
  slow: "slow",
  "rate-limited": "rate-limited",
} as const satisfies Record<TokenTrouble, FaultName>;

/** A vendor of the sandbox, as the OAuth contract needs it. */
export async function createTwinOAuthVendor(partsOf: (sandbox: Sandbox) => TwinParts): Promise<OAuthVendor> {
  const sandbox = await startSandbox({ port: 0 });
  const { twin, grants, ...parts } = partsOf(sandbox);
  return {
    ...parts,
    settings: sandbox.settings,
    createAccount() {
      const email = `${randomUUID().slice(0, 8)}@example.test`;
      twin.createAccount({ email });
      return email;
    },
    authorize: (authorizationUrl, choice) => twin.authorize(authorizationUrl, choice),
    goodGrants: (email) => grants.of(email).length,
    endGrants: (email) => twin.revoke(email),
    failTokens: (trouble) => twin.fail(faults[trouble], { on: "token", delayMs: 2000 }),
    issuedSecrets: () => twin.issuedSecrets(),
    stop: () => sandbox.stop(),
  };
}
