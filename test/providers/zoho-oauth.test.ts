import { zohoCalendar } from "../../src/providers/calendar/zoho-calendar.ts";
import { describeOAuthProvider } from "../contract/oauth-provider.ts";
import { asConsentProvider } from "../support/oauth-client.ts";
import { createZohoOAuthVendor } from "../support/zoho-oauth-vendor.ts";

describeOAuthProvider(asConsentProvider(zohoCalendar), createZohoOAuthVendor);
