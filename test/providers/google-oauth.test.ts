import { googleCalendar } from "../../src/providers/calendar/google-calendar.ts";
import { describeOAuthProvider } from "../contract/oauth-provider.ts";
import { createGoogleOAuthVendor } from "../support/google-oauth-vendor.ts";
import { asConsentProvider } from "../support/oauth-client.ts";

describeOAuthProvider(asConsentProvider(googleCalendar), createGoogleOAuthVendor);
