import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Kind, parse } from "graphql";
import { describe, expect, it } from "vitest";
import { migrations } from "../../migrations/index.ts";
import * as calendarProviders from "../../src/providers/calendar/index.ts";
import * as jobBoardProviders from "../../src/providers/job-board/index.ts";
import { providers } from "../../src/providers/registry.ts";

/** Who may import whom, top to bottom: folders, or single files. A folder may always import itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  schema: ["services", "providers/registry.ts", "errors.ts"],
  http: ["services", "security", "errors.ts"],
  tasks: ["services", "queue", "errors.ts"],
  services: ["providers", "entities", "events", "security", "mail", "database", "queue", "recurrence", "errors.ts"],
  providers: ["recurrence", "errors.ts"],
  events: ["entities", "errors.ts"],
  database: ["entities", "../migrations", "errors.ts"],
  queue: ["errors.ts"],
  mail: ["security", "errors.ts"],
  security: ["errors.ts"],
  recurrence: ["errors.ts"],
  entities: [],
  "errors.ts": [],
};

const root = join(import.meta.dirname, "../..");
const src = join(root, "src");

/** Every TypeScript file below a folder of the project, as paths from there; none when the folder is missing. */
function filesIn(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
}

const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** The files of ours that a file imports, as paths from `src`. Types count like everything else. */
function importsOf(file: string): string[] {
  const imports = textOf(file).matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g);
  return [...imports].map(([, path = ""]) => relative(src, join(root, dirname(file), path)));
}

const sources = filesIn("src");
const filesThatSay = (words: RegExp): string[] => sources.filter((file) => words.test(textOf(file))).sort();

describe("the layers", () => {
  it.each(Object.entries(mayImport))("let src/%s import only from %j and itself", (layer, allowed) => {
    const isAllowed = (target: string): boolean =>
      [layer, ...allowed].some((place) => target === place || target.startsWith(`${place}/`));
    const strangers = sources
      .filter((file) => file === join("src", layer) || file.startsWith(join("src", layer, "/")))
      .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
      .filter(({ target }) => !isAllowed(target))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(strangers).toEqual([]);
  });

  it("have every folder of src in their table", () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(Object.keys(mayImport)).toEqual(expect.arrayContaining(folders.map(({ name }) => name)));
  });

  it("leave the twins to main.ts, which loads them only when it needs them", () => {
    const users = sources.filter((file) => importsOf(file).some((target) => target.startsWith("../sandbox")));
    expect(users.filter((file) => file !== "src/main.ts")).toEqual([]);
    expect(filesThatSay(/\bfrom\s+["'][^"']*sandbox\//)).toEqual([]);
  });
});

describe("the environment and the vendors' libraries", () => {
  it("is read in config.ts, from what main.ts hands over", () => {
    const readers = filesThatSay(/\bprocess\.env\b/);
    expect(readers.filter((file) => file !== "src/config.ts" && file !== "src/main.ts")).toEqual([]);
  });

  it("never loads the whole of googleapis, which costs seconds and a hundred megabytes", () => {
    expect(filesThatSay(/["']googleapis["']/)).toEqual([]);
  });
});

describe("tenants", () => {
  it("are entered by services alone", () => {
    const users = filesThatSay(/\.inTenant(<[^(]*>)?\(/);
    expect(users.filter((file) => !file.startsWith("src/services/"))).toEqual([]);
  });

  it("are looked across by these alone", () => {
    const mayLookAcross = ["src/services/housekeeping.ts", "src/services/log-followers.ts", "src/services/routes.ts"];
    expect(filesThatSay(/\.asSystem(<[^(]*>)?\(/).filter((file) => !mayLookAcross.includes(file))).toEqual([]);
  });
});

describe("migrations", () => {
  const files = filesIn("migrations").filter((file) => file !== "migrations/index.ts");

  it("are all listed, oldest first", () => {
    const times = files.map((file) => /^migrations\/(\d+)-/.exec(file)?.[1]).sort();
    expect(migrations.map(({ name }) => /(\d+)$/.exec(name)?.[1])).toEqual(times);
  });

  it("use nothing of src, so that they mean tomorrow what they mean today", () => {
    const users = files.filter((file) => importsOf(file).some((target) => !target.startsWith("..")));
    expect(users).toEqual([]);
  });
});

describe("providers", () => {
  it.each(["calendar", "job-board"])("in the list of %s have their page", async (kind) => {
    const list = join(src, "providers", kind, "index.ts");
    const providers: Record<string, unknown> = existsSync(list) ? await import(list) : {};
    const ids = Object.values(providers).flatMap((provider) =>
      typeof provider === "object" && provider && "id" in provider ? [String(provider.id)] : [],
    );
    const pages = ids.map((id) => `docs/providers/${id.toLowerCase().replaceAll("_", "-")}.md`);
    expect(pages.filter((page) => !existsSync(join(root, page)))).toEqual([]);
  });
});

describe("every provider", () => {
  const specifications = filesIn("test/providers").map(textOf);
  const acceptance = textOf("docs/acceptance.md");

  it.each(providers.map((provider) => ({ id: provider.id, name: exportedName(provider) })))(
    "is handed to its contract, and has its rows in the acceptance page: $id",
    ({ id, name }) => {
      const handed = new RegExp(`describe(Calendar|JobBoard)Provider\\(\\s*${name}\\b`);
      expect(specifications.some((text) => handed.test(text))).toBe(true);
      expect(acceptance).toContain(`## ${id}`);
    },
  );
});

describe("every provider with a consent page", () => {
  const specifications = filesIn("test/providers").map(textOf);

  it.each(
    providers
      .filter(({ auth }) => auth.kind === "oauth2")
      .map((provider) => ({ id: provider.id, name: exportedName(provider) })),
  )("is handed to the contract on consent too: $id", ({ name }) => {
    const handed = new RegExp(`describeOAuthProvider\\(\\s*asConsentProvider\\(\\s*${name}\\b`);
    expect(specifications.some((text) => handed.test(text))).toBe(true);
  });
});

/** Its name in the list that it is exported from. */
function exportedName(provider: (typeof providers)[number]): string {
  const [name] =
    Object.entries({ ...calendarProviders, ...jobBoardProviders }).find(([, listed]) => listed === provider) ?? [];
  if (name === undefined) throw new Error(`${provider.id} is in no list`);
  return name;
}

describe("schema.graphql", () => {
  it("gives no token, secret or password away", () => {
    const sdl = existsSync(join(root, "schema.graphql")) ? textOf("schema.graphql") : "";
    const doors = ["Query", "Mutation", "Subscription"];
    const telling = (sdl ? parse(sdl).definitions : [])
      .filter((type) => type.kind === Kind.OBJECT_TYPE_DEFINITION || type.kind === Kind.INTERFACE_TYPE_DEFINITION)
      .filter(({ name }) => !doors.includes(name.value))
      .flatMap((type) => (type.fields ?? []).map((field) => `${type.name.value}.${field.name.value}`))
      .filter((path) => /(token|secret|password)$/i.test(path));
    // Made for whoever asks, who has to know it: shown in this one answer.
    expect(telling).toEqual(["CreateWebhookEndpointPayload.secret", "RotateWebhookSecretPayload.secret"]);
  });
});
