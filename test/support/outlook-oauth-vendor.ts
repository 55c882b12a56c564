import type { OAuthVendor } from "../contract/oauth-provider.ts";
import { createTwinOAuthVendor } from "./twin-oauth-vendor.ts";

/** Microsoft's consent page and token endpoint, by the twin of Outlook. Its page asks for all or nothing. */
export function createOutlookOAuthVendor(): Promise<OAuthVendor> {
  return createTwinOAuthVendor(({ outlookCalendar: twin, settings }) => ({
    twin,
    grants: twin.grantsOfAll,
    async takes(authorization) {
      return (await fetch(new URL("me", settings["OUTLOOK_CALENDAR_BASE_URL"]), { headers: { authorization } })).ok;
    },
  }));
}
