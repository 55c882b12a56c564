import type { OAuthVendor } from "../contract/oauth-provider.ts";
import { createTwinOAuthVendor } from "./twin-oauth-vendor.ts";

/** Microsoft's consent page and token endpoint, by the twin of Outlook. Its page asks for all or nothing. */
export function createMicrosoftOAuthVendor(): Promise<OAuthVendor> {
  return createTwinOAuthVendor(({ outlookCalendar: twin }) => ({
    twin,
    grants: twin.grantsOfAll,
    // The twin has no API that could be asked.
    async takes(authorization) {
      const [scheme, token = ""] = authorization.split(" ");
      return scheme === "Bearer" && twin.grantsOfAll.holder(token) !== null;
    },
  }));
}
