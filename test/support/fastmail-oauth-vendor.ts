import type { OAuthVendor } from "../contract/oauth-provider.ts";
import { createTwinOAuthVendor } from "./twin-oauth-vendor.ts";

/** Fastmail's consent page and token endpoint, by its twin. */
export function createFastmailOAuthVendor(): Promise<OAuthVendor> {
  return createTwinOAuthVendor(({ fastmail: twin, settings }) => ({
    twin,
    grants: twin.grantsOfAll,
    knownByAddress: "Over CalDAV an account has no name but its principal, which is called after its address.",
    async takes(authorization) {
      const root = new URL("dav/", settings["FASTMAIL_BASE_URL"]);
      return (await fetch(root, { method: "PROPFIND", headers: { authorization, depth: "0" } })).ok;
    },
  }));
}
