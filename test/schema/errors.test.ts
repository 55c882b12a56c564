import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, startTestApp, type TestApp, type TestCaller } from "../support/app.ts";
import { runOnServer } from "../support/database-server.ts";

let app: TestApp;
let ana: TestCaller;
let nobody: TestCaller;
beforeAll(async () => {
  app = await startTestApp();
  ana = await app.as({ userId: "ana" });
  nobody = await app.as({ userId: "ana", scopes: [] });
});
afterAll(() => app.stop());

interface Operation {
  readonly fields: string;
  /** The variables' declarations. */
  readonly declared?: string;
  readonly variables?: Record<string, unknown>;
}

/** What has a variable inside of an object is executed without being compiled; this one asks for nothing. */
const notCompiled = "none: syncRuns(filter: { integrationId: $none }) @skip(if: true) { nodes { id } }";

const ways: readonly { name: string; send: (caller: TestCaller, operation: Operation) => Promise<Answer> }[] = [
  {
    name: "HTTP, compiled",
    send: (caller, { fields, declared, variables }) =>
      caller.query(declared ? `query (${declared}) { ${fields} }` : `{ ${fields} }`, variables),
  },
  {
    name: "HTTP, interpreted",
    send: (caller, { fields, declared = "", variables }) =>
      caller.query(`query ($none: ID ${declared}) { ${fields} ${notCompiled} }`, variables),
  },
  {
    name: "a WebSocket",
    async send(caller, { fields, declared, variables }) {
      const answers = caller.subscribe(declared ? `query (${declared}) { ${fields} }` : `{ ${fields} }`, variables);
      try {
        return (await answers.next()).value;
      } catch (errors) {
        return { errors: errors as NonNullable<Answer["errors"]> };
      } finally {
        await answers.return?.();
      }
    },
  },
];

describe.each(ways)("over $name", ({ send }) => {
  it("a missing scope is FORBIDDEN, with what to do about it", async () => {
    const { data, errors } = await send(nobody, { fields: "integrations { nodes { id } }" });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: "This needs the scope integrations:read",
        path: ["integrations"],
        extensions: {
          code: "FORBIDDEN",
          retryable: false,
          remedy: "Ask for a token with the scope integrations:read.",
        },
      },
    ]);
  });

  it("what a use case refuses has its field", async () => {
    const { errors } = await send(ana, { fields: "integrations(first: 201) { nodes { id } }" });
    expect(errors).toMatchObject([{ path: ["integrations"], extensions: { code: "INVALID_INPUT", field: ["first"] } }]);
  });

  it.each([
    {
      mistake: "a variable of the wrong type",
      operation: {
        fields: "integrations(first: $first) { nodes { id } }",
        declared: "$first: Int",
        variables: { first: "x" },
      },
      message: /^Variable "\$first" got invalid value "x"; Int cannot represent non-integer value/,
    },
    {
      mistake: "a variable that is missing",
      operation: { fields: "integration(id: $id) { id }", declared: "$id: ID!" },
      message: /^Variable "\$id" of required type "ID!" was not provided/,
    },
    {
      mistake: "a scalar in a variable that cannot be read",
      operation: {
        fields: "calendarEvents(filter: $filter) { nodes { id } }",
        declared: "$filter: CalendarEventFilter!",
        variables: { filter: { from: "tomorrow", to: "2026-03-02T09:00:00Z" } },
      },
      message: /^Variable "\$filter" got invalid value "tomorrow" at "filter.from"; DateTime must be an RFC 3339 time/,
    },
    {
      mistake: "an enum value there is not",
      operation: {
        fields: "providers(kind: $kind) { id }",
        declared: "$kind: ProviderKind",
        variables: { kind: "FAX" },
      },
      message: /^Variable "\$kind" got invalid value "FAX"; Value "FAX" does not exist in "ProviderKind" enum/,
    },
    {
      mistake: "a null that only shows once variables are known",
      operation: { fields: "integration(id: $id) { id }", declared: '$id: ID = "x"', variables: { id: null } },
      message: /^Argument "id" of non-null type "ID!" must not be null/,
    },
    {
      mistake: "a field there is not",
      operation: { fields: "integrations { nodes { password } }" },
      message: /^Cannot query field "password" on type "Integration"/,
    },
    {
      mistake: "a scalar in the text that cannot be read",
      operation: { fields: 'calendarEvents(filter: { from: "x", to: "y" }) { nodes { id } }' },
      message: /DateTime must be an RFC 3339 time/,
    },
    { mistake: "a document that is none", operation: { fields: "integrations {" }, message: /^Syntax Error/ },
    {
      mistake: "an operation that is too deep",
      operation: {
        fields: `integrations { nodes { ${"defaultCalendar { integration { ".repeat(8)} id ${"} }".repeat(8)} } }`,
      },
      message: /levels deep; 15 are allowed/,
    },
    {
      mistake: "an operation that is too long",
      operation: { fields: "__typename ".repeat(10_001) },
      message: /^Syntax Error: Document contains more/,
    },
  ])("$mistake is INVALID_INPUT, and says where", async ({ operation, message }) => {
    const { data, errors } = await send(ana, operation);
    expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "INVALID_INPUT" });
    expect(errors?.[0]?.message).toMatch(message);
    expect(JSON.stringify(errors)).not.toContain("stacktrace");
  });
});

describe("a fault of ours", () => {
  let broken: TestApp;
  beforeAll(async () => {
    broken = await startTestApp({ env: { ROLES: "api" } });
    await runOnServer(broken.databaseUrl, "ALTER TABLE integration RENAME TO the_secret_name_of_a_table");
  });
  afterAll(() => broken.stop());

  it.each(ways)("over $name is masked, and its id is in the log with the original", async ({ send }) => {
    const { data, errors } = await send(await broken.as(), { fields: "integrations { nodes { id } }" });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      {
        message: "Internal server error",
        path: ["integrations"],
        extensions: { code: "INTERNAL_SERVER_ERROR", errorId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      },
    ]);
    expect(Object.keys(errors?.[0]?.extensions ?? {})).toEqual(["code", "errorId"]);
    const line = broken.logLines.find((text) => text.includes(String(errors?.[0]?.extensions?.["errorId"])));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ err: { message: expect.stringContaining('"integration"') } });
  });
});
