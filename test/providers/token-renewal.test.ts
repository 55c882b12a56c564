import { describe, expect, it } from "vitest";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import type { CalendarProvider } from "../../src/providers/calendar/provider.ts";
import { providers } from "../../src/providers/registry.ts";
import type { TokenRenewal } from "../../src/providers/token-renewal.ts";

describe("how access is kept alive", () => {
  it.each(providers.map(({ id, auth, renewal }) => ({ id, auth, renewal })))(
    "is declared by $id, and fits how one signs in there",
    ({ auth, renewal }) => {
      const forms = {
        oauth2: ["refreshToken", "clientCredentials"],
        clientCredentials: ["clientCredentials"],
        credentials: ["none"],
      };
      expect(forms[auth.kind]).toContain(renewal.kind);
      if (renewal.kind === "none") expect(renewal.reason).not.toBe("");
    },
  );

  // The compiler is the test: `npm run check` fails when one of these lines is no error any more.
  it("is what no provider compiles without", () => {
    const { renewal: _, ...withoutRenewal } = caldav;
    // @ts-expect-error A provider says how its accounts' access is kept alive.
    const provider: CalendarProvider = withoutRenewal;
    expect(provider.renewal).toBeUndefined();
  });

  it("has three forms and no other, each with what belongs to it", () => {
    const forms: TokenRenewal[] = [
      // @ts-expect-error There is no such form.
      { kind: "magic", reason: "It never ends." },
      // @ts-expect-error Without a reason nobody knows why nothing has to be done.
      { kind: "none" },
      // @ts-expect-error What the vendor does with a token that comes twice has to be known.
      { kind: "refreshToken", refresh: async () => Promise.reject(new Error("never called")) },
      {
        kind: "refreshToken",
        reuse: "accepted",
        // @ts-expect-error The answer of the endpoint may lack the refresh token; what is kept may not (RFC 6749 §6).
        refresh: ({ endpoint, refreshToken }) => endpoint.refresh(refreshToken),
      },
      // @ts-expect-error Asking again needs no refresh token, and is given none.
      { kind: "clientCredentials", request: ({ endpoint, refreshToken }) => endpoint.refresh(refreshToken) },
    ];
    expect(forms).toHaveLength(5);
  });
});
