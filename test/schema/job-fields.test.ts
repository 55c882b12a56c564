import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../support/app.ts";
import { dataOf } from "../support/journey.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

let app: TestApp;
let boards: Json[];

beforeAll(async () => {
  app = await startTestApp();
  const query = `{ providers(kind: JOB_BOARD) { id jobFields { name type options help required rule limits { unit min max } } }
    __type(name: "JobInput") { inputFields { name } } }`;
  ({ providers: boards } = dataOf(await (await app.as()).query(query)));
});
afterAll(() => app.stop());

const fieldOf = (board: string, name: string): Json =>
  boards.find(({ id }) => id === board).jobFields.find((field: Json) => field.name === name);

describe("the fields of a job at a board", () => {
  it("are enough to show the form for it, and each is one of JobInput", () => {
    expect(boards.length).toBeGreaterThan(5);
    for (const { jobFields } of boards) {
      expect(jobFields.length).toBeGreaterThan(40);
      for (const { type, help } of jobFields) expect([type, help]).not.toContain("");
    }
  });

  it("have the type that is taken", () => {
    const types = ["title", "description", "employmentType", "location", "alternateLocations", "positionsCount"];
    expect(types.map((name) => fieldOf("LINKEDIN", name).type)).toEqual([
      "String!",
      "String!",
      "EmploymentType",
      "JobLocationInput",
      "[JobLocationInput!]",
      "Int",
    ]);
  });

  it("have the choices that the board has a word for, and no others", () => {
    expect(fieldOf("WE_WORK_REMOTELY", "employmentType").options.sort()).toEqual([
      "CONTRACT",
      "FULL_TIME",
      "TEMPORARY",
    ]);
    expect(fieldOf("WE_WORK_REMOTELY", "workplaceType").options).toEqual(["REMOTE"]);
    expect(fieldOf("LINKEDIN", "workplaceType").options.sort()).toEqual(["HYBRID", "ON_SITE", "REMOTE"]);
    expect(fieldOf("LINKEDIN", "title").options).toEqual([]);
  });

  it("have the length that the board takes", () => {
    expect(fieldOf("LINKEDIN", "description").limits).toEqual({ unit: "CHARACTERS", min: 100, max: 25_000 });
    expect(fieldOf("INDEED", "description").limits).toEqual({ unit: "BYTES", min: null, max: 65_000 });
    expect(fieldOf("WE_WORK_REMOTELY", "description").limits).toBeNull();
  });
});
