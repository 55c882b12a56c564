import type { OAuthVendor } from "../contract/oauth-provider.ts";
import { createTwinOAuthVendor } from "./twin-oauth-vendor.ts";

/** Zoho's consent page and token endpoint, by its twin. Its page asks for all or nothing. */
export function createZohoOAuthVendor(): Promise<OAuthVendor> {
  return createTwinOAuthVendor(({ zohoCalendar: twin, settings }) => {
    const unlimited = Number.POSITIVE_INFINITY;
    Object.assign(twin.oauth, { codesPerTenMinutes: unlimited, refreshTokensPerTenMinutes: unlimited });
    // As is declared; that it may be less, the journey shows.
    twin.oauth.revocationEnds = "account";
    return {
      twin,
      grants: twin.grantsOfAll,
      async takes(authorization) {
        const calendars = new URL("calendars", settings["ZOHO_CALENDAR_BASE_URL"]);
        return (await fetch(calendars, { headers: { authorization } })).ok;
      },
    };
  });
}
