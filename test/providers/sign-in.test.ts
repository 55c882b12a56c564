import { describe, expect, it } from "vitest";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import { googleCalendar } from "../../src/providers/calendar/google-calendar.ts";
import type { PasswordSignIn } from "../../src/providers/calendar/provider.ts";
import { asSignedIn, signInsOf } from "../../src/providers/sign-in.ts";

const { auth, renewal } = caldav;
const withPassword = { auth, renewal } as PasswordSignIn;
const both = { ...googleCalendar, withPassword };

describe("a provider with two ways to sign in", () => {
  it("lists the consent page first", () => {
    expect(signInsOf(both)).toEqual(["oauth2", "credentials"]);
    expect(signInsOf(caldav)).toEqual(["credentials"]);
  });

  it.each([
    { settings: { signIn: "credentials" }, way: withPassword },
    { settings: { signIn: "oauth2" }, way: googleCalendar },
    { settings: {}, way: googleCalendar },
  ])("is used as an account says: $settings", ({ settings, way }) => {
    const used = asSignedIn(both, settings);
    expect([used.auth, used.renewal]).toEqual([way.auth, way.renewal]);
    expect(used.listCalendars).toBe(googleCalendar.listCalendars);
  });

  it("is not needed: where there is one way, the account's word changes nothing", () => {
    expect(asSignedIn(caldav, { signIn: "oauth2" })).toBe(caldav);
  });
});
