import type { OAuthVendor } from "../contract/oauth-provider.ts";
import { createTwinOAuthVendor } from "./twin-oauth-vendor.ts";

/** Google's consent page and token endpoint, by its twin. */
export function createGoogleOAuthVendor(): Promise<OAuthVendor> {
  return createTwinOAuthVendor(({ googleCalendar: twin, settings }) => ({
    twin,
    grants: twin.grantsOfAll,
    // Signing in has no box.
    canBeUnticked: (scope) => scope.startsWith("https://"),
    async takes(authorization) {
      const list = new URL("calendar/v3/users/me/calendarList", settings["GOOGLE_CALENDAR_BASE_URL"]);
      return (await fetch(list, { headers: { authorization } })).ok;
    },
  }));
}
