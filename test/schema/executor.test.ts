import { ApolloServer, type GraphQLResponse } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from "@apollo/server/plugin/disabled";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type ExecutionResult, execute, GraphQLError, parse } from "graphql";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { IntegrationError } from "../../src/errors.ts";
import { compiledExecutor } from "../../src/schema/compiled-executor.ts";
import type { Context } from "../../src/schema/context.ts";
import { DateTimeScalar, JsonScalar } from "../../src/schema/scalars.ts";
import { createErrorView } from "../../src/schema/show-error.ts";

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

  scalar DateTime
  scalar JSON

  type Query {
    me: Person
    people(first: Int = 2, ids: [ID!], where: Where): [Person]!
    thing(kind: Kind! = PERSON): Thing
    things: [Thing!]!
    echo(text: String! = "nothing", json: JSON, at: DateTime, kind: Kind, where: Where): String!
    broken(how: String!): String
    strictlyBroken(how: String!): String!
  }
  type Mutation { first(input: Step!): Int!  second(input: Step!): Int! }
  type Subscription { ticks: Int! }

  enum Kind { PERSON PLACE }
  input Where { name: String = "Ana", kind: Kind = PLACE, at: DateTime, inner: [Inner!] }
  input Inner { name: String = "Bo", kind: Kind = PLACE, at: DateTime }
  input Step { by: Int = 1 }
  interface Named { name: String! }
  union Thing = Person | Place
  type Person implements Named @key(fields: "id") {
    id: ID!
    name: String!
    kind: Kind!
    age: Int
    born: DateTime
    tags: [String!]!
    friends: [Person!]
    secretive: String!
    settings: JSON
  }
  type Place implements Named { name: String! kind: Kind! people: [Person] }
`);

const people = [
  {
    id: "1",
    name: "Ana",
    kind: "PERSON",
    age: 40,
    born: new Date("1986-03-02T09:00:00Z"),
    tags: ["a", "b"],
    settings: { x: [1, null] },
  },
  { id: "2", name: "Bo", kind: "PERSON", age: null, born: null, tags: [], settings: null },
];
const isPlace = (thing: object): boolean => "people" in thing;

function fail(how: string): never {
  if (how === "ours") {
    throw new IntegrationError("RATE_LIMITED", "Too fast", {
      field: ["input", "name"],
      remedy: "Wait.",
      retryAfterMs: 7000,
      providerCode: "TOO_FAST",
    });
  }
  if (how === "text") throw "a text was thrown";
  throw new Error(`secret of the house: ${how}`);
}

let counter = 0;
const resolvers = {
  DateTime: DateTimeScalar,
  JSON: JsonScalar,
  Named: { __resolveType: (thing: object) => (isPlace(thing) ? "Place" : "Person") },
  Thing: { __resolveType: (thing: object) => (isPlace(thing) ? "Place" : "Person") },
  Query: {
    me: async () => people[0],
    people: (_: unknown, { first, ids }: { first: number; ids?: string[] }) =>
      ids ? ids.map(async (id) => people.find((person) => person.id === id) ?? null) : people.slice(0, first),
    thing: (_: unknown, { kind }: { kind: string }) => (kind === "PLACE" ? { name: "Rome", kind, people } : people[1]),
    things: () => [people[0], { name: "Rome", kind: "PLACE", people: [people[1], null] }],
    echo: (_: unknown, given: Record<string, unknown>) => JSON.stringify(given),
    broken: (_: unknown, { how }: { how: string }) => fail(how),
    strictlyBroken: async (_: unknown, { how }: { how: string }) => fail(how),
  },
  Mutation: {
    first: async (_: unknown, { input: { by } }: { input: { by: number } }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      counter += by;
      return counter;
    },
    second: (_: unknown, { input: { by } }: { input: { by: number } }) => {
      counter *= by;
      return counter;
    },
  },
  Subscription: {
    ticks: {
      async *subscribe() {
        yield { ticks: 1 };
      },
    },
  },
  Person: {
    __resolveReference: async ({ id }: { id: string }) => people.find((person) => person.id === id) ?? null,
    friends: async () => people,
    secretive: (person: { name: string }) => (person.name === "Bo" ? fail("Bo's diary") : "none"),
  },
};
const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
const showError = createErrorView(pino({ level: "silent" }));

const compiled = await startServer({ isCompiled: true });
const interpreted = await startServer({ isCompiled: false });

interface Operation {
  readonly name: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

const operations: readonly Operation[] = [
  { name: "data of every kind", query: "{ me { id name kind age born tags settings friends { id } } }" },
  { name: "nulls, in fields and in lists", query: '{ people(ids: ["1", "nobody", "2"]) { name age born settings } }' },
  { name: "an empty list", query: "{ people(ids: []) { name } }" },
  { name: "aliases", query: "{ a: me { n: name } b: people(first: 1) { n: name } c: me { n: id } }" },
  { name: "__typename", query: "{ __typename things { __typename } }" },
  {
    name: "fragments, unions and interfaces",
    query: `{ things { ...thing ... on Named { name } ... on Place { people { ...person friends { ...person } } } } }
      fragment thing on Thing { __typename ...person }
      fragment person on Person { id kind born }`,
  },
  {
    name: "the same field from several places",
    query: "{ me { friends { id } ...more friends { name } } } fragment more on Person { friends { kind } }",
  },
  ...[true, false].map((on) => ({
    name: `@include and @skip with ${on}`,
    query: `query ($on: Boolean!) {
      me { id @include(if: $on) name @skip(if: $on) ...more @include(if: $on) ... @skip(if: $on) { age friends { id @skip(if: $on) } } }
      people @include(if: $on) { id }
    } fragment more on Person { born tags @skip(if: false) }`,
    variables: { on },
  })),
  {
    name: "one of several operations",
    query: "query One { me { id } } query Two { me { name } }",
    operationName: "Two",
  },
  { name: "arguments that are left out", query: "{ echo thing { ... on Person { name } } people { id } }" },
  { name: "enums", query: "{ echo(kind: PLACE) thing(kind: PLACE) { ... on Place { kind } } }" },
  {
    name: "enums in variables",
    query: "query ($kind: Kind = PLACE) { echo(kind: $kind) thing(kind: $kind) { ... on Place { kind } } }",
  },
  { name: "presets of input fields", query: "{ echo(where: { inner: [{}, { name: null }] }) }" },
  {
    name: "presets of input fields in variables",
    query: "query ($where: Where) { echo(where: $where) }",
    variables: { where: { at: "2026-03-02T10:00:00+01:00", inner: [{ kind: "PERSON" }] } },
  },
  {
    name: "variables inside of objects",
    query: "query ($name: String, $at: DateTime) { echo(where: { name: $name, at: $at, inner: { name: $name } }) }",
    variables: { at: "2026-03-02T10:00:00+01:00" },
  },
  { name: "null in a variable", query: "query ($at: DateTime) { echo(at: $at) }", variables: { at: null } },
  {
    name: "presets of variables",
    query: `query ($kind: Kind = PERSON, $text: String = "x", $at: DateTime = "2026-03-02T10:00:00+01:00", $where: Where = {}) {
      a: echo(kind: $kind, text: $text) b: echo(at: $at) c: echo(where: $where)
    }`,
  },
  { name: "a variable that is left out", query: "query ($at: DateTime, $json: JSON) { echo(at: $at, json: $json) }" },
  {
    name: "one value where a list is wanted",
    query: "query ($ids: [ID!]) { people(ids: $ids) { id } }",
    variables: { ids: "1" },
  },
  {
    name: "numbers where ids are wanted",
    query: "query ($ids: [ID!]) { people(ids: $ids) { id } }",
    variables: { ids: [1, 2] },
  },
  {
    name: "JSON, in variables and in the text",
    query: 'query ($json: JSON) { a: echo(json: $json) b: echo(json: { c: [1, "two", { d: null }], e: $json }) }',
    variables: { json: { deep: [{ er: true }] } },
  },
  {
    name: "_entities, in order, with what is not there",
    query: `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Person { name secretive } } }`,
    variables: { of: ["1", "nobody", "1"].map((id) => ({ __typename: "Person", id })) },
  },
  { name: "_service", query: "{ _service { sdl } }" },
  { name: "the schema", query: '{ __schema { types { name fields { name } } } __type(name: "Person") { name kind } }' },
  { name: "our errors", query: '{ me { id } broken(how: "ours") }' },
  { name: "our errors where null is not allowed", query: '{ me { id } strictlyBroken(how: "ours") }' },
  { name: "faults", query: '{ a: broken(how: "x") b: broken(how: "text") me { id } }' },
  { name: "faults deep inside", query: "{ me { name friends { name secretive } } people { name secretive } }" },
  { name: "a variable that is missing", query: "query ($how: String!) { broken(how: $how) }" },
  {
    name: "a variable of the wrong type",
    query: "query ($first: Int) { people(first: $first) { id } }",
    variables: { first: "two" },
  },
  { name: "a value no enum has", query: "query ($kind: Kind!) { echo(kind: $kind) }", variables: { kind: "ANIMAL" } },
  { name: "a scalar that is wrong", query: "query ($at: DateTime!) { echo(at: $at) }", variables: { at: "tomorrow" } },
  {
    name: "a scalar that is wrong deep in a variable",
    query: "query ($where: Where) { echo(where: $where) }",
    variables: { where: { inner: [{ at: "tomorrow" }] } },
  },
  {
    name: "an input field there is not",
    query: "query ($where: Where) { echo(where: $where) }",
    variables: { where: { colour: "red" } },
  },
  {
    name: "null given for an argument that has a preset",
    query: "query ($text: String) { echo(text: $text) }",
    variables: { text: null },
  },
];

describe("the compiled executor answers as graphql-js does", () => {
  it.each(operations)("$name", async (operation) => {
    const [ours, theirs] = [await run(compiled, operation), await run(interpreted, operation)];
    expect(ours).toEqual(theirs);
    expect(Object.keys(ours.body)).not.toEqual([]);

    const reference = await executed(operation);
    expect(ours.body.data).toEqual(reference.data);
    expect(ours.body.errors?.length).toBe(reference.errors?.length);
  });

  it("one mutation after the other", async () => {
    const query = `mutation ($by: Int) { a: first(input: { by: 3 }) b: second(input: { by: 4 }) c: first(input: { by: $by }) }`;
    counter = 0;
    const ours = await run(compiled, { name: "", query });
    counter = 0;
    expect(ours).toEqual(await run(interpreted, { name: "", query }));
    expect(ours.body.data).toEqual({ a: 3, b: 12, c: 13 });
  });

  it("with the same document and other variables, again and again", async () => {
    const query = "query ($ids: [ID!]) { people(ids: $ids) { name } }";
    const names = async (id: string) => (await run(compiled, { name: "", query, variables: { ids: [id] } })).body.data;
    expect(await Promise.all([names("1"), names("2"), names("1")])).toEqual([
      { people: [{ name: "Ana" }] },
      { people: [{ name: "Bo" }] },
      { people: [{ name: "Ana" }] },
    ]);
  });

  it("and leaves subscriptions alone", async () => {
    const plugin = compiledExecutor(showError);
    const hooks = await plugin.requestDidStart?.({} as never);
    const document = parse("subscription { ticks }");
    const [operation] = document.definitions;
    const answer = await hooks?.responseForOperation?.({ schema, document, operation, operationName: null } as never);
    expect(answer).toBeNull();
  });
});

describe("an error", () => {
  it.each([
    { name: "compiled", server: compiled },
    { name: "interpreted", server: interpreted },
  ])("of ours is shown whole when $name", async ({ server }) => {
    const { body } = await run(server, { name: "", query: '{ broken(how: "ours") }' });
    expect(body.errors).toEqual([
      {
        message: "Too fast",
        path: ["broken"],
        locations: [{ line: 1, column: 3 }],
        extensions: {
          code: "RATE_LIMITED",
          field: ["input", "name"],
          retryable: true,
          retryAfterMs: 7000,
          remedy: "Wait.",
          providerCode: "TOO_FAST",
        },
      },
    ]);
  });

  it.each([
    { name: "compiled", server: compiled },
    { name: "interpreted", server: interpreted },
  ])("of the caller is INVALID_INPUT with status 400 when $name", async ({ server }) => {
    const query = "query ($at: DateTime!) { echo(at: $at) }";
    const { body, status } = await run(server, { name: "", query, variables: { at: "tomorrow" } });
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ extensions: { code: "INVALID_INPUT" } }] });
    expect(body.errors?.[0]?.message).toMatch(/^Variable "\$at" got invalid value "tomorrow"; DateTime must be/);
    expect(body.data).toBeUndefined();
  });

  it("that is a fault is masked, and its id is in the log with the original", async () => {
    const lines: string[] = [];
    const show = createErrorView(pino({ level: "error" }, { write: (line: string) => lines.push(line) }));
    const shown = show(
      new GraphQLError("secret of the house", { path: ["me"], originalError: new Error("secret of the house") }),
    );
    expect(shown).toEqual({
      message: "Internal server error",
      path: ["me"],
      extensions: { code: "INTERNAL_SERVER_ERROR", errorId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(String(shown.extensions?.["errorId"]));
    expect(lines[0]).toContain("secret of the house");
  });
});

async function startServer({ isCompiled }: { isCompiled: boolean }): Promise<ApolloServer<Context>> {
  const server = new ApolloServer<Context>({
    schema,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ...(isCompiled ? [compiledExecutor(showError)] : []),
    ],
    introspection: true,
    includeStacktraceInErrorResponses: false,
    formatError: (_, error) => showError(error),
    stopOnTerminationSignals: false,
  });
  await server.start();
  return server;
}

interface Answered {
  readonly status: number;
  readonly body: ExecutionResult;
}

/** The answer as it goes over the wire; what faults are called is left out, since it is new every time. */
async function run(server: ApolloServer<Context>, { query, variables, operationName }: Operation): Promise<Answered> {
  const contextValue = {} as Context;
  const request = { query, ...(variables && { variables }), ...(operationName && { operationName }) };
  const { body, http }: GraphQLResponse = await server.executeOperation(request, { contextValue });
  if (body.kind !== "single") throw new Error("It answered in pieces");
  const answer = JSON.parse(JSON.stringify(body.singleResult)) as ExecutionResult;
  for (const { extensions } of answer.errors ?? []) delete extensions["errorId"];
  return { status: http.status ?? 200, body: answer };
}

async function executed({ query, variables, operationName }: Operation): Promise<ExecutionResult> {
  const result = await execute({
    schema,
    document: parse(query),
    variableValues: variables ?? null,
    operationName: operationName ?? null,
  });
  return JSON.parse(JSON.stringify(result)) as ExecutionResult;
}
