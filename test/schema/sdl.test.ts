import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildASTSchema,
  type GraphQLArgument,
  GraphQLEnumType,
  type GraphQLField,
  GraphQLInputObjectType,
  type GraphQLNamedType,
  GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isIntrospectionType,
  isSpecifiedScalarType,
  parse,
} from "graphql";
import { describe, expect, it } from "vitest";
import { providerIds } from "../../src/providers/registry.ts";
import { printSubgraphSdl, references } from "../../src/schema/build-subgraph.ts";
import { scopes } from "../../src/services/viewer.ts";

const sdl = await printSubgraphSdl();
const guarded = await printSubgraphSdl({ securityDirectives: true });
const schema = read(sdl);

const ownTypes = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const roots = ["Query", "Mutation", "Subscription"];

describe("schema.graphql", () => {
  it("is what the code builds: npm run schema", () => {
    expect(readFileSync(join(import.meta.dirname, "../../schema.graphql"), "utf8")).toBe(sdl);
  });

  it("describes every type, field, argument and input field", () => {
    const silent = ownTypes.flatMap(describedParts).filter(({ description }) => !description?.trim());
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it("imports the directives of federation that it uses, and no other", () => {
    const [, list = ""] = /import: \[(.*?)\]/.exec(sdl) ?? [];
    const imported = list.split(", ").map((name) => name.slice(1, -1));
    const body = sdl.slice(sdl.indexOf("schema {"));
    expect(imported).toEqual(["@key", "@shareable", "@cost", "@listSize"]);
    expect(imported.filter((name) => !body.includes(name))).toEqual([]);
  });

  it("has a reference resolver for every entity, and none for anything else", () => {
    const entities = ownTypes.filter((type) => directivesOf(type).includes("key")).map(({ name }) => name);
    expect(Object.keys(references).sort()).toEqual(entities.sort());
    expect(entities).toEqual(
      expect.arrayContaining(["Integration", "Calendar", "CalendarEvent", "SyncRun", "IntegrationEvent", "User"]),
    );
  });
});

describe("the contract", () => {
  it.each([
    {
      type: "Query",
      fields: [
        "providers(kind: ProviderKind): [Provider!]!",
        "integration(id: ID!): Integration",
        "integrations(after: String, filter: IntegrationFilter, first: Int = 50): IntegrationConnection!",
        "calendars(after: String, first: Int = 50, integrationId: ID!): CalendarConnection!",
        "calendarEvent(id: ID!): CalendarEvent",
        "calendarEvents(after: String, filter: CalendarEventFilter!, first: Int = 50): CalendarEventConnection!",
        "freeBusy(input: FreeBusyInput!): [CalendarBusy!]!",
        "meetingSlots(input: MeetingSlotsInput!): [MeetingSlot!]!",
        "syncRun(id: ID!): SyncRun",
        "syncRuns(after: String, filter: SyncRunFilter, first: Int = 50): SyncRunConnection!",
        "integrationEvents(after: String, filter: IntegrationEventFilter, first: Int = 50, order: EventOrder = OLDEST_FIRST): IntegrationEventConnection!",
        "eventTypes: [EventTypeInfo!]!",
        "inboundDeliveries(after: String, filter: InboundDeliveryFilter, first: Int = 50): InboundDeliveryConnection!",
      ],
    },
    {
      type: "InboundDelivery",
      fields: [
        "id: ID!",
        "provider: ProviderId!",
        "integration: Integration",
        "receivedAt: DateTime!",
        "receipts: Int!",
        "verified: Boolean!",
        "headers: JSON!",
        "size: Int",
        "state: InboundDeliveryState!",
        "problem: Problem",
        "correlationId: ID!",
        "syncRun: SyncRun",
        "jobPosting: JobPosting",
        "jobApplication: JobApplication",
      ],
    },
    {
      type: "Subscription",
      fields: ["integrationEvents(after: String, filter: IntegrationEventFilter): IntegrationEvent!"],
    },
    {
      type: "UserError",
      fields: [
        "code: ErrorCode!",
        "message: String!",
        "field: [String!]",
        "retryable: Boolean!",
        "retryAfterMs: Int",
        "remedy: String",
        "providerCode: String",
      ],
    },
    {
      type: "IntegrationEvent",
      fields: [
        "id: ID!",
        "cursor: String!",
        "type: String!",
        "occurredAt: DateTime!",
        "actor: EventActor",
        "integration: Integration",
        "subject: IntegrationEventSubject",
        "subjectId: ID",
        "data: JSON!",
        "dataVersion: Int!",
        "correlationId: ID!",
        "causationId: ID",
      ],
    },
    {
      type: "Provider",
      fields: [
        "id: ProviderId!",
        "credentialFields: [CredentialField!]!",
        "availability: ProviderAvailability!",
        "configured: Boolean!",
        "docsUrl: URL!",
        "capabilities: [ProviderCapability!]!",
        "auth: ProviderAuth!",
      ],
    },
    {
      type: "CredentialField",
      fields: [
        "name: String!",
        "label: String!",
        "kind: CredentialFieldKind!",
        "required: Boolean!",
        "options: [String!]!",
        "help: String!",
      ],
    },
    {
      type: "EventTime",
      fields: ["dateTime: DateTime", "date: Date", "timeZone: TimeZone", "floating: Boolean!"],
    },
    {
      type: "CalendarEvent",
      fields: [
        "id: ID!",
        "kind: CalendarEventKind!",
        "start: EventTime!",
        "end: EventTime!",
        "series: CalendarEvent",
        "recurrenceId: EventTime",
        "version: Int!",
        "syncState: CalendarEventSyncState!",
      ],
    },
    {
      type: "Integration",
      fields: [
        "id: ID!",
        "provider: ProviderId!",
        "ownership: Ownership!",
        "visibility: Visibility!",
        "status: IntegrationStatus!",
        "calendars: [Calendar!]!",
      ],
    },
    {
      type: "Calendar",
      fields: ["id: ID!", "name: String!", "writable: Boolean!", "primary: Boolean!", "selected: Boolean!"],
    },
    {
      type: "User",
      fields: [
        "id: ID!",
        "integrations(after: String, first: Int = 50): IntegrationConnection!",
        "calendarEvents(after: String, filter: CalendarEventFilter!, first: Int = 50): CalendarEventConnection!",
      ],
    },
    {
      type: "PageInfo",
      fields: ["hasNextPage: Boolean!", "hasPreviousPage: Boolean!", "startCursor: String", "endCursor: String"],
    },
  ])("of $type is kept", ({ type, fields }) => {
    expect(signaturesOf(objectType(type))).toEqual(expect.arrayContaining(fields));
  });

  it.each([
    {
      input: "ConnectIntegrationInput",
      fields: [
        "provider: ProviderId!",
        "ownership: Ownership",
        "label: String",
        "credentials: [CredentialFieldInput!]",
        "calendarIds: [String!]",
        "returnUrl: URL",
        "idempotencyKey: String",
      ],
    },
    { input: "CredentialFieldInput", fields: ["name: String!", "value: String!"] },
    { input: "DisconnectIntegrationInput", fields: ["id: ID!", "closePostings: Boolean = false"] },
    {
      input: "EventTimeInput",
      fields: ["dateTime: DateTime", "localDateTime: String", "timeZone: TimeZone", "date: Date"],
    },
    {
      input: "FreeBusyInput",
      fields: [
        "from: DateTime!",
        "to: DateTime!",
        "userIds: [ID!]",
        "integrationIds: [ID!]",
        "calendarIds: [ID!]",
        "timeZone: TimeZone",
        "fresh: Boolean = false",
      ],
    },
    {
      input: "MeetingSlotsInput",
      fields: [
        "participants: [MeetingParticipantInput!]!",
        "from: DateTime!",
        "to: DateTime!",
        "durationMinutes: Int!",
        "timeZone: TimeZone!",
        "workingHours: [WorkingHoursInput!]",
        "bufferBeforeMinutes: Int = 0",
        "bufferAfterMinutes: Int = 0",
        "granularityMinutes: Int = 15",
        "maxSlots: Int = 20",
        "fresh: Boolean = false",
      ],
    },
    {
      input: "MeetingParticipantInput",
      fields: ["userId: ID!", "optional: Boolean = false", "timeZone: TimeZone", "workingHours: [WorkingHoursInput!]"],
    },
    { input: "CalendarEventFilter", fields: ["from: DateTime!", "to: DateTime!"] },
    {
      input: "UpdateCalendarEventInput",
      fields: ["id: ID!", "span: CalendarEventSpan", "expectedVersion: Int"],
    },
    { input: "DeleteCalendarEventInput", fields: ["id: ID!", "span: CalendarEventSpan", "expectedVersion: Int"] },
  ])("of $input is kept", ({ input, fields }) => {
    const type = schema.getType(input) as GraphQLInputObjectType;
    expect(Object.values(type.getFields()).map(argumentText)).toEqual(expect.arrayContaining(fields));
  });

  it.each([
    { name: "IntegrationStatus", values: ["CONNECTING", "ACTIVE", "DEGRADED", "NEEDS_REAUTH", "DISCONNECTED"] },
    { name: "ProviderAvailability", values: ["READY", "NOT_CONFIGURED", "PARTNER_APPROVAL_REQUIRED", "UNAVAILABLE"] },
    { name: "CalendarEventSyncState", values: ["SYNCED", "PENDING", "CONFLICT", "FAILED"] },
    { name: "CalendarEventKind", values: ["SINGLE", "SERIES", "OCCURRENCE"] },
    { name: "CalendarEventSpan", values: ["THIS", "THIS_AND_FOLLOWING", "ALL"] },
    { name: "Ownership", values: ["USER", "TENANT"] },
    { name: "Visibility", values: ["PRIVATE", "BUSY", "SHARED"] },
    {
      name: "ErrorCode",
      values: (
        "UNAUTHENTICATED FORBIDDEN INVALID_INPUT NOT_FOUND CONFLICT IDEMPOTENCY_KEY_REUSED UNSUPPORTED_CAPABILITY " +
        "NOT_CONFIGURED PARTNER_APPROVAL_REQUIRED PREREQUISITE_MISSING APPROVAL_REQUIRED MANUAL_ACTION_REQUIRED " +
        "CREDENTIALS_REJECTED REAUTHORIZATION_REQUIRED EGRESS_REFUSED PROVIDER_REFUSED DUPLICATE QUOTA_EXHAUSTED " +
        "RATE_LIMITED PROVIDER_UNAVAILABLE PROVIDER_REPLY_INVALID CURSOR_EXPIRED"
      ).split(" "),
    },
  ])("of the enum $name is exactly its values", ({ name, values }) => {
    expect(valuesOf(schema, name)).toEqual([...values].sort());
  });

  it("has in ProviderId every provider of the lists, and only those that are promised", () => {
    const promised = (
      "GOOGLE_CALENDAR OUTLOOK_CALENDAR ICLOUD FASTMAIL NEXTCLOUD CALDAV ZOHO_CALENDAR LINKEDIN INDEED GLASSDOOR " +
      "ZIPRECRUITER MONSTER CAREERBUILDER DICE WELLFOUND REMOTE_OK WE_WORK_REMOTELY JOB_FEED"
    ).split(" ");
    expect(valuesOf(schema, "ProviderId")).toEqual([...providerIds].sort());
    expect(promised).toEqual(expect.arrayContaining([...providerIds]));
  });

  it("gives every list the arguments first and after, and every connection its three fields", () => {
    const lists = ownTypes
      .filter((type) => type instanceof GraphQLObjectType)
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
      .filter(({ field }) => String(field.type).endsWith("Connection!"));
    const wrong = lists.filter(({ field }) => {
      const given = field.args.map(argumentText);
      return (
        !given.includes("first: Int = 50") ||
        !given.includes("after: String") ||
        !directivesOf(field).includes("listSize")
      );
    });
    expect(lists.length).toBeGreaterThanOrEqual(7);
    expect(wrong.map(({ type, field }) => `${type.name}.${field.name}`)).toEqual([]);
    for (const { field } of lists) {
      const name = String(field.type).slice(0, -"Connection!".length);
      expect(signaturesOf(objectType(`${name}Connection`))).toEqual([
        `edges: [${name}Edge!]!`,
        `nodes: [${name}!]!`,
        "pageInfo: PageInfo!",
      ]);
      expect(signaturesOf(objectType(`${name}Edge`))).toEqual(["cursor: String!", `node: ${name}!`]);
    }
  });

  it("gives every mutation one input, a payload with userErrors, and a nullable result", () => {
    const mutations = Object.values(objectType("Mutation").getFields());
    expect(mutations.map(({ name }) => name).sort()).toEqual([
      "approveJobPosting",
      "cancelSync",
      "closeJobPosting",
      "confirmJobPosting",
      "connectIntegration",
      "createCalendarEvent",
      "createWebhookEndpoint",
      "deleteCalendarEvent",
      "deleteWebhookEndpoint",
      "disconnectIntegration",
      "postJob",
      "reconnectIntegration",
      "recordJobApplication",
      "redriveInboundDelivery",
      "rejectJobPosting",
      "reopenJobPosting",
      "replayWebhookDeliveries",
      "respondToCalendarEvent",
      "rotateWebhookSecret",
      "syncIntegration",
      "testIntegration",
      "testWebhookEndpoint",
      "updateCalendarEvent",
      "updateIntegration",
      "updateJobApplicationStatus",
      "updateJobPosting",
      "updateWebhookEndpoint",
    ]);
    for (const mutation of mutations) {
      const name = `${mutation.name.charAt(0).toUpperCase()}${mutation.name.slice(1)}`;
      expect(signatureOf(mutation)).toBe(`${mutation.name}(input: ${name}Input!): ${name}Payload!`);
      const fields = signaturesOf(objectType(`${name}Payload`));
      expect(fields).toContain("userErrors: [UserError!]!");
      // What is done to several boards has a result for each, which says itself what went wrong there. What is not done has no effects.
      const lists = ["results: [PostJobResult!]!", "effects: [String!]!"];
      const always = fields.filter((field) => field.endsWith("!") && !lists.includes(field));
      expect(always).toEqual(["userErrors: [UserError!]!"]);
    }
  });
});

describe("input types", () => {
  it("never contain themselves: the compiled executor would not come to an end", () => {
    const inputs = ownTypes.filter((type) => type instanceof GraphQLInputObjectType);
    const reaches = (type: GraphQLInputObjectType, wanted: GraphQLInputObjectType, path: readonly string[]): boolean =>
      Object.values(type.getFields()).some((field) => {
        const inner = getNamedType(field.type);
        if (inner === wanted) return true;
        if (!(inner instanceof GraphQLInputObjectType) || path.includes(inner.name)) return false;
        return reaches(inner, wanted, [...path, inner.name]);
      });
    expect(inputs.length).toBeGreaterThan(10);
    expect(inputs.filter((type) => reaches(type, type, [type.name])).map(({ name }) => name)).toEqual([]);
  });
});

describe("the security directives", () => {
  it("are absent by default, because Apollo Gateway refuses them", () => {
    expect(sdl).not.toMatch(/@(authenticated|requiresScopes|policy)/);
  });

  it("are on every door when asked for, with scopes that exist", () => {
    const schema = read(guarded);
    const doors = roots.flatMap((root) => Object.values((schema.getType(root) as GraphQLObjectType).getFields()));
    const open = doors.filter((field) => {
      const names = directivesOf(field);
      return !names.includes("authenticated") && !names.includes("requiresScopes");
    });
    expect(open.map(({ name }) => name)).toEqual([]);

    const named = [...guarded.matchAll(/@requiresScopes\(scopes: \[\["([^"]*)"\]\]\)/g)].map(([, scope]) => scope);
    expect(scopes).toEqual(expect.arrayContaining(named));
    expect(guarded).toMatch(/import: \[.*"@authenticated", "@requiresScopes"\]/);
  });

  it("are the only difference between the two", () => {
    const without = guarded
      .replace(', "@authenticated", "@requiresScopes"]', "]")
      .replaceAll(/ @(authenticated|requiresScopes\(scopes: \[\[[^\]]*\]\]\))/g, "");
    expect(without).toBe(sdl);
  });
});

/** The definitions of federation's directives are left to the composition. */
function read(text: string): GraphQLSchema {
  return buildASTSchema(parse(text), { assumeValid: true, assumeValidSDL: true });
}

function objectType(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLObjectType)) throw new Error(`There is no object type ${name}`);
  return type;
}

function valuesOf(of: GraphQLSchema, name: string): string[] {
  const type = of.getType(name);
  return type instanceof GraphQLEnumType ? type.getValues().map(({ name }) => name) : [];
}

function signaturesOf(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields()).map(signatureOf);
}

/** `name(argument: Type = preset): Type`, arguments by name. */
function signatureOf({ name, args, type }: GraphQLField<unknown, unknown>): string {
  const given = args.length === 0 ? "" : `(${args.map(argumentText).sort().join(", ")})`;
  return `${name}${given}: ${type}`;
}

function argumentText({ name, type, defaultValue }: Pick<GraphQLArgument, "name" | "type" | "defaultValue">): string {
  return `${name}: ${type}${defaultValue === undefined ? "" : ` = ${defaultValue}`}`;
}

interface Described {
  readonly path: string;
  readonly description: string | null | undefined;
}

/** Everything of a type that has a description; the three roots explain themselves. */
function describedParts(type: GraphQLNamedType): Described[] {
  const parts: Described[] = roots.includes(type.name) ? [] : [{ path: type.name, description: type.description }];
  if (!(type instanceof GraphQLObjectType || type instanceof GraphQLInputObjectType)) return parts;
  for (const field of Object.values(type.getFields())) {
    const path = `${type.name}.${field.name}`;
    parts.push({ path, description: field.description });
    for (const { name, description } of "args" in field ? field.args : []) {
      parts.push({ path: `${path}(${name})`, description });
    }
  }
  return parts;
}

function directivesOf({ astNode }: Pick<GraphQLNamedType | GraphQLField<unknown, unknown>, "astNode">): string[] {
  return (astNode?.directives ?? []).map(({ name }) => name.value);
}
