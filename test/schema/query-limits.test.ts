import { buildASTSchema, getIntrospectionQuery, parse, specifiedRules, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { printSubgraphSdl } from "../../src/schema/build-subgraph.ts";
import { queryLimits } from "../../src/schema/query-limits.ts";

const schema = buildASTSchema(parse(await printSubgraphSdl()), { assumeValid: true, assumeValidSDL: true });

/** What the limits, and only they, have against a document. */
function complaints(query: string, limits?: Parameters<typeof queryLimits>[0]): string[] {
  return validate(schema, parse(query), [queryLimits(limits)]).map(({ message }) => message);
}

describe("depth", () => {
  const maxDepth3 = { maxDepth: 3, maxCost: 1000 };

  it.each([
    { name: "three levels", query: "{ integrations { nodes { id } } }", isAllowed: true },
    { name: "four levels", query: "{ integrations { nodes { owner { id } } } }", isAllowed: false },
    {
      name: "fragments, which are no level",
      query: "{ integrations { ... { ... { nodes { ... { id } } } } } }",
      isAllowed: true,
    },
    {
      name: "four levels by way of fragments",
      query: `{ integrations { ...page } }
        fragment page on IntegrationConnection { nodes { ...one } }
        fragment one on Integration { owner { id } }`,
      isAllowed: false,
    },
    {
      name: "four levels in one of several operations",
      query: "query A { integrations { nodes { id } } } query B { integrations { nodes { owner { id } } } }",
      isAllowed: false,
    },
    {
      name: "four levels of a mutation",
      query: 'mutation { testIntegration(input: { id: "x" }) { integration { owner { id } } } }',
      isAllowed: false,
    },
  ])("of three allows $name: $isAllowed", ({ query, isAllowed }) => {
    expect(complaints(query, maxDepth3)).toEqual(isAllowed ? [] : ["The operation is 4 levels deep; 3 are allowed"]);
  });

  it("is enough for what a page needs, and not for going round in circles", () => {
    const around = (times: number) =>
      `{ integrations { nodes { ${"defaultCalendar { integration { ".repeat(times)} id ${"} } ".repeat(times)} } } }`;
    expect(complaints(around(6))).toEqual([]);
    expect(complaints(around(7))).toEqual(["The operation is 17 levels deep; 15 are allowed"]);
  });
});

describe("cost", () => {
  const costOf = (query: string): number => {
    const [complaint = "0"] = complaints(query, { maxDepth: 100, maxCost: 0 });
    return Number(/may read (\d+) fields/.exec(complaint)?.[1]);
  };

  it.each([
    { name: "a field that asks vendors", query: "{ freeBusy(input: {}) { busy { start end } } }", cost: 1210 },
    { name: "a mutation", query: "mutation { syncIntegration(input: {}) { syncRun { id } } }", cost: 52 },
    { name: "a field", query: '{ integration(id: "x") { id } }', cost: 2 },
    { name: "two fields", query: '{ integration(id: "x") { id label } }', cost: 3 },
    { name: "a page of ten, each once", query: "{ integrations(first: 10) { nodes { id label } } }", cost: 31 },
    { name: "a page of the usual fifty", query: "{ integrations { nodes { id } } }", cost: 101 },
    {
      name: "a page of as many as a variable can hold",
      query: "query ($n: Int) { integrations(first: $n) { nodes { id } } }",
      cost: 401,
    },
    { name: "a page of more than there can be", query: "{ integrations(first: 100000) { nodes { id } } }", cost: 401 },
    { name: "a page of less than none", query: "{ integrations(first: -5) { nodes { id } } }", cost: 3 },
    { name: "a page whose size is null", query: "{ integrations(first: null) { nodes { id } } }", cost: 401 },
    {
      name: "a page by way of a fragment",
      query: "{ integrations { ...page } } fragment page on IntegrationConnection { nodes { id } }",
      cost: 101,
    },
    {
      name: "a page by way of an inline fragment",
      query: "{ integrations { ... { edges { cursor } } } }",
      cost: 101,
    },
    { name: "a list within a page", query: "{ integrations(first: 10) { nodes { calendars { id } } } }", cost: 121 },
    {
      name: "the same twice under other names",
      query: "{ a: integrations(first: 10) { nodes { id } } b: integrations(first: 10) { nodes { id } } }",
      cost: 42,
    },
    {
      name: "a fragment as often as it is used",
      query:
        "{ a: integrations(first: 10) { ...p } b: integrations(first: 10) { ...p } } fragment p on IntegrationConnection { nodes { id } }",
      cost: 42,
    },
  ])("counts $name", ({ query, cost }) => {
    expect(costOf(query)).toBe(cost);
  });

  it("is refused beyond the limit, with what to do about it", () => {
    const wide = (first: number) =>
      `{ integrations(first: ${first}) { nodes { calendars { integration { calendars { id name color } } } } } }`;
    expect(complaints(wide(20))).toEqual([]);
    expect(complaints(wide(200))).toEqual([
      expect.stringMatching(/^The operation may read \d+ fields; 50000 are allowed. Ask for less with `first`$/),
    ]);
  });

  it("of many entities at once is counted too", () => {
    const all = "{ integrations(first: 200) { nodes { calendars { id name } } } }".slice(1, -1);
    const many = Array.from({ length: 40 }, (_, index) => all.replace("integrations", `a${index}: integrations`)).join(
      " ",
    );
    expect(complaints(`{ ${many} }`)).toHaveLength(1);
  });
});

describe("what tools and gateways send", () => {
  it("is allowed: the introspection query, with everything that it can ask for", () => {
    const everything = {
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
    };
    expect(validate(schema, parse(getIntrospectionQuery(everything)), [...specifiedRules, queryLimits()])).toEqual([]);
  });
});

describe("documents that are made to hurt", () => {
  it("a fragment that contains itself ends, and is reported by GraphQL's own rule", () => {
    const query =
      "{ integrations { ...a } } fragment a on IntegrationConnection { nodes { id } ...b } fragment b on IntegrationConnection { ...a }";
    expect(complaints(query)).toEqual([]);
    expect(validate(schema, parse(query), [...specifiedRules, queryLimits()]).map(({ message }) => message)).toEqual([
      'Cannot spread fragment "a" within itself via "b".',
    ]);
  });

  it("a fragment there is not is reported by GraphQL's own rule", () => {
    expect(complaints("{ integrations { ...nobody } }")).toEqual([]);
  });

  it("fragments that double at each step are measured in no time", () => {
    const steps = Array.from(
      { length: 30 },
      (_, step) =>
        `fragment f${step} on Integration { a: defaultCalendar { integration { ...f${step + 1} } } b: defaultCalendar { integration { ...f${step + 1} } } }`,
    );
    const query = `{ integrations { nodes { ...f0 } } } ${steps.join(" ")} fragment f30 on Integration { id }`;
    const began = performance.now();
    expect(validate(schema, parse(query), [...specifiedRules, queryLimits()])).not.toEqual([]);
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it("fragments that double at each step on one level are measured in no time", () => {
    const steps = Array.from(
      { length: 30 },
      (_, step) => `fragment f${step} on Integration { ...f${step + 1} ... { ...f${step + 1} } }`,
    );
    const query = `{ integrations { nodes { ...f0 } } } ${steps.join(" ")} fragment f30 on Integration { id }`;
    const began = performance.now();
    expect(validate(schema, parse(query), [...specifiedRules, queryLimits()])).not.toEqual([]);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
