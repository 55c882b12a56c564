import type { AccountSettings } from "../providers/provider.ts";
import { providerWith } from "../providers/registry.ts";
import type { OperatorSettings } from "./oauth-apps.ts";

/** Which accounts are at a stand-in for a vendor, and so have nothing of the real world in them. */
export class StandIns {
  constructor(
    /** Where stand-ins are; none in production. */
    private readonly origins: ReadonlySet<string>,
    private readonly operators: ReadonlyMap<string, Pick<OperatorSettings, "apiUrl">>,
    /** Where mail goes first; null where none is sent. */
    private readonly mailOrigin: string | null,
  ) {}

  /** @param settings the account's: a person may have entered where it is */
  has(provider: string, { serverUrl }: AccountSettings): boolean {
    if (isMailed(provider)) return this.mailOrigin !== null && this.origins.has(this.mailOrigin);
    const addresses = [this.operators.get(provider)?.apiUrl, serverUrl];
    return addresses.some((address) => address != null && this.origins.has(new URL(address).origin));
  }
}

function isMailed(id: string): boolean {
  const provider = providerWith(id);
  return provider.kind === "JOB_BOARD" && provider.batch !== undefined;
}
