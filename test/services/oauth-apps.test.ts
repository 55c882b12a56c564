import { describe, expect, it } from "vitest";
import { IntegrationError } from "../../src/errors.ts";
import { caldav } from "../../src/providers/calendar/caldav.ts";
import { googleCalendar } from "../../src/providers/calendar/google-calendar.ts";
import { nextcloud } from "../../src/providers/calendar/nextcloud.ts";
import type { PasswordSignIn } from "../../src/providers/calendar/provider.ts";
import type { OAuth } from "../../src/providers/oauth.ts";
import type { Credentials } from "../../src/providers/provider.ts";
import type { TokenEndpoint } from "../../src/providers/token-endpoint.ts";
import { OAuthApps, type OperatorSettings } from "../../src/services/oauth-apps.ts";

import { serveOnLoopback } from "../support/loopback-server.ts";
import { asConsentProvider, openOAuthClient } from "../support/oauth-client.ts";

const nothing: OperatorSettings = {
  clientId: null,
  clientSecret: null,
  apiKey: null,
  applyToken: null,
  signingKey: null,
  apiUrl: null,
  authorizationUrl: null,
  tokenUrl: null,
  revocationUrl: null,
  scopes: null,
};

function aProvider({
  clientAuthentication = "body",
  revocationUrl = "https://id.example.com/v2/revoke",
}: {
  clientAuthentication?: "body" | "none";
  revocationUrl?: string | null;
} = {}) {
  const auth = {
    clientAuthentication,
    endpoints: ({ dataCenter = "com" }: Record<string, string>) => ({
      authorizationUrl: `https://id.example.${dataCenter}/authorize`,
      tokenUrl: `https://id.example.${dataCenter}/v2/token`,
      revocationUrl,
      apiUrl: `https://api.example.${dataCenter}/`,
    }),
  } as unknown as OAuth<unknown>;
  return { id: "ZOHO_CALENDAR", name: "Example", auth };
}

/** Our registrations, and what token endpoints were opened with. */
function apps(set: Partial<OperatorSettings> | null) {
  const opened: unknown[] = [];
  const settings = set === null ? new Map() : new Map([["ZOHO_CALENDAR", { ...nothing, ...set }]]);
  const made = new OAuthApps(settings, (options) => {
    opened.push(options);
    return {} as TokenEndpoint;
  });
  return { apps: made, opened };
}

describe("our registration at a vendor", () => {
  it.each([
    {
      name: "nothing",
      set: null,
      says: "The operator has to set ZOHO_CALENDAR_CLIENT_ID and ZOHO_CALENDAR_CLIENT_SECRET.",
    },
    { name: "an id alone", set: { clientId: "us" }, says: "The operator has to set ZOHO_CALENDAR_CLIENT_SECRET." },
    { name: "both", set: { clientId: "us", clientSecret: "s" }, says: null },
  ])("is missing something when the operator has set $name: $says", ({ set, says }) => {
    expect(apps(set).apps.missing(aProvider())).toBe(says);
  });

  it("needs no secret where our client is a public one", () => {
    const provider = aProvider({ clientAuthentication: "none" });
    expect(apps({ clientId: "us" }).apps.client(provider)).toEqual({ id: "us", secret: null });
  });

  it("that is not there is NOT_CONFIGURED, and says what to set", () => {
    expect(() => apps(null).apps.client(aProvider())).toThrow(
      expect.objectContaining({ code: "NOT_CONFIGURED", remedy: expect.stringContaining("ZOHO_CALENDAR_CLIENT_ID") }),
    );
  });

  it("that is not there leaves people the form, where there is one", () => {
    const { auth, renewal } = caldav;
    const provider = {
      ...aProvider({ clientAuthentication: "none" }),
      withPassword: { auth, renewal } as PasswordSignIn,
    };
    expect(() => apps(null).apps.client(provider)).toThrow(
      expect.objectContaining({ remedy: expect.stringMatching(/ZOHO_CALENDAR_CLIENT_ID\. .*password \(Password\)/) }),
    );
  });
});

describe("what people are asked to allow", () => {
  const auth = { scopes: ["calendars", "offline_access"] } as unknown as OAuth<unknown>;
  it("is what the provider needs, or what the operator's registration has instead", () => {
    const provider = { id: "ZOHO_CALENDAR", auth };
    expect(apps({ clientId: "us" }).apps.scopes(provider)).toEqual(auth.scopes);
    expect(apps({ scopes: ["urn:calendars"] }).apps.scopes(provider)).toEqual(["urn:calendars"]);
  });
});

describe("a key of the operator's", () => {
  const seen: unknown[] = [];
  const isAccepted = (key: string | undefined) => key === "theirs" || key === "own";
  const auth: Credentials<{ readonly externalId: string }> = {
    kind: "credentials",
    takesOperatorKey: true,
    fields: ["employerId", "apiKey"].map((name) => ({
      name,
      label: name,
      kind: "TEXT",
      required: true,
      options: [],
      help: "",
    })),
    async connect(values) {
      seen.push(values);
      if (!isAccepted(values["apiKey"])) throw new IntegrationError("CREDENTIALS_REJECTED", "No");
      return { externalId: "7", secret: { apiKey: values["apiKey"] ?? "", salt: "s" } };
    },
    authorization: ({ apiKey = "" }) => `Basic ${apiKey}`,
    origins: () => [],
    revocation: { kind: "none", reason: "It stays." },
  };
  const provider = { id: "ZOHO_CALENDAR", name: "Example", auth };
  const open = () => () => Promise.reject(new Error("Nothing is called"));
  const required = (made: OAuthApps) => made.fields(provider).flatMap((one) => (one.required ? one.name : []));

  it("need not be entered by people, who may enter one of their own all the same", async () => {
    expect(required(apps(null).apps)).toEqual(["employerId", "apiKey"]);
    const { apps: made } = apps({ apiKey: "theirs" });
    expect(required(made)).toEqual(["employerId"]);
    expect(await made.prove(provider, { employerId: "7" }, open)).toEqual({ externalId: "7", secret: { salt: "s" } });
    expect(seen.at(-1)).toEqual({ employerId: "7", apiKey: "theirs" });
    const own = { employerId: "7", apiKey: "own" };
    expect((await made.prove(provider, own, open)).secret).toEqual({ apiKey: "own", salt: "s" });
  });

  it("goes with the calls of accounts that have none, as it is now", () => {
    expect(apps({ apiKey: "theirs" }).apps.authorization(provider, { apiKey: "own" })).toBe("Basic own");
    const authorization = apps({ apiKey: "newer" }).apps.authorization(provider, { salt: "s" });
    if (authorization === null || typeof authorization === "string") throw new Error("It cannot be told apart");
    return expect(authorization.current()).resolves.toBe("Basic newer");
  });

  it("is the operator's to mend when the vendor refuses it, and nobody has to connect again", async () => {
    const { apps: made } = apps({ apiKey: "wrong" });
    const refused = { code: "NOT_CONFIGURED", remedy: "The operator has to check ZOHO_CALENDAR_API_KEY." };
    await expect(made.prove(provider, {}, open)).rejects.toMatchObject(refused);
    await expect(made.prove(provider, { apiKey: "no" }, open)).rejects.toMatchObject({ code: "CREDENTIALS_REJECTED" });
    const authorization = made.authorization(provider, {});
    if (authorization === null || typeof authorization === "string") throw new Error("It cannot be told apart");
    await expect(authorization.renewed("Basic wrong")).rejects.toMatchObject(refused);
  });
});

describe("where a vendor is", () => {
  it("follows from the account, for example from its data centre", () => {
    expect(apps(null).apps.endpoints(aProvider(), { dataCenter: "eu" })).toMatchObject({
      tokenUrl: "https://id.example.eu/v2/token",
      apiUrl: "https://api.example.eu/",
    });
  });

  it("is where the operator says, one address at a time, and revocation beside the tokens", () => {
    const set = { tokenUrl: "http://127.0.0.1:4100/zoho/token", apiUrl: "http://127.0.0.1:4100/zoho/" };
    expect(apps(set).apps.endpoints(aProvider(), {})).toEqual({
      authorizationUrl: "https://id.example.com/authorize",
      tokenUrl: "http://127.0.0.1:4100/zoho/token",
      revocationUrl: "http://127.0.0.1:4100/zoho/revoke",
      apiUrl: "http://127.0.0.1:4100/zoho/",
    });
    expect(apps(set).apps.endpoints(aProvider({ revocationUrl: null }), {}).revocationUrl).toBeNull();
  });

  it("has its revocation where the operator says, when that is not beside the tokens", () => {
    const set = {
      tokenUrl: "http://127.0.0.1:4100/zoho/token",
      revocationUrl: "http://127.0.0.1:4100/zoho/token/revoke",
    };
    expect(apps(set).apps.endpoints(aProvider(), {})).toMatchObject(set);
    expect(apps({ revocationUrl: set.revocationUrl }).apps.endpoints(aProvider(), {})).toMatchObject({
      tokenUrl: "https://id.example.com/v2/token",
      revocationUrl: set.revocationUrl,
    });
  });

  it("is in the account's own data centre wherever the operator has moved it, but for the consent page", () => {
    const provider = aProvider();
    const relocate = (address: string, { dataCenter = "com" }) => address.replace(".com/", `.${dataCenter}/`);
    const moved = { ...provider, auth: { ...provider.auth, relocate } };
    const set = {
      authorizationUrl: "http://127.0.0.1:4100/accounts.example.com/auth",
      tokenUrl: "http://127.0.0.1:4100/accounts.example.com/token",
      apiUrl: "http://127.0.0.1:4100/api.example.com/",
    };
    expect(apps(set).apps.endpoints(moved, { dataCenter: "eu" })).toEqual({
      authorizationUrl: "http://127.0.0.1:4100/accounts.example.com/auth",
      tokenUrl: "http://127.0.0.1:4100/accounts.example.eu/token",
      revocationUrl: "http://127.0.0.1:4100/accounts.example.eu/revoke",
      apiUrl: "http://127.0.0.1:4100/api.example.eu/",
    });
  });

  it("has no revocation because of an address, where the vendor has none", () => {
    const set = { revocationUrl: "http://127.0.0.1:4100/zoho/revoke" };
    expect(apps(set).apps.endpoints(aProvider({ revocationUrl: null }), {}).revocationUrl).toBeNull();
  });

  it("is what its token endpoint is opened with", () => {
    const revocationUrl = "http://127.0.0.1:4100/zoho/end";
    const { apps: made, opened } = apps({ clientId: "us", clientSecret: "s", revocationUrl });
    made.tokenEndpoint(aProvider(), { dataCenter: "in" });
    expect(opened).toMatchObject([
      {
        provider: "ZOHO_CALENDAR",
        vendor: "Example",
        client: { id: "us", secret: "s" },
        tokenUrl: "https://id.example.in/v2/token",
        revocationUrl,
      },
    ]);
  });

  it("is called there although the address is private, when the operator has set it", async () => {
    const { origin, requests } = await serveOnLoopback((_, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end("{}"),
    );
    const settings = {
      GOOGLE_CALENDAR_CLIENT_ID: "us",
      GOOGLE_CALENDAR_CLIENT_SECRET: "s",
      GOOGLE_CALENDAR_REVOKE_URL: `${origin}/token/revoke`,
    };
    await openOAuthClient(asConsentProvider(googleCalendar), { settings }).endpoint.revoke("refresh-of-ana");
    expect(requests).toMatchObject([{ method: "POST", url: "/token/revoke" }]);
  });
});

describe("the address of a server that people name", () => {
  const appsWith = (apiUrl: string | null) =>
    new OAuthApps(new Map([["NEXTCLOUD", { ...nothing, apiUrl }]]), () => ({}) as TokenEndpoint);
  const isAskedFor = (apiUrl: string | null) =>
    appsWith(apiUrl)
      .fields(nextcloud)
      .find(({ name }) => name === "serverUrl")?.required;

  it("may be left out where the operator has set one", () => {
    expect(appsWith(null).serverUrl(nextcloud)).toBeNull();
    expect(isAskedFor(null)).toBe(true);
    expect(appsWith("https://cloud.example.test/").serverUrl(nextcloud)).toBe("https://cloud.example.test/");
    expect(isAskedFor("https://cloud.example.test/")).toBe(false);
  });
});
