import type { Answer, TestCaller } from "./app.ts";
import { eventually } from "./eventually.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as JSON.
type Json = any;

export interface Account {
  readonly serverUrl: string;
  readonly username: string;
  readonly password: string;
}

const eventFields = `id kind uid title description location status version syncState recurrence
  problem { code message remedy } attendees { email response } calendar { id }
  start { dateTime localDateTime date timeZone floating } end { dateTime localDateTime date timeZone floating }
  recurrenceId { dateTime date } series { id }`;
const runFields =
  "id state trigger full attempts calendarsTotal calendarsDone created updated deleted drift lagMs skippedTotal skipped { externalId reason } problem { code message remedy fault }";
const integrationFields = `id status label lastSyncedAt nextSyncAt syncIntervalSeconds disconnectedAt problem { code message remedy fault }
  defaultCalendar { id } calendars { id externalId name selected writable primary }`;
const userErrors = "userErrors { code message field retryable retryAfterMs remedy providerCode }";

/** What calls of the graph answer, by name; anything unexpected fails the test. */
export class Journey {
  constructor(readonly caller: TestCaller) {}

  /** Runs a mutation with one input. @returns its payload */
  async mutate(name: string, input: Record<string, unknown>, selection: string): Promise<Json> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input!`;
    const answer = await this.caller.query(
      `mutation ($input: ${type}) { ${name}(input: $input) { ${selection} ${userErrors} } }`,
      { input },
    );
    return dataOf(answer)[name];
  }

  connect({ serverUrl, username, password }: Account, options: Record<string, unknown> = {}): Promise<Json> {
    const credentials = credentialsOf({ serverUrl, username, password });
    return this.mutate(
      "connectIntegration",
      { provider: "CALDAV", credentials, ...options },
      `integration { ${integrationFields} }`,
    );
  }

  /** Connects an account, and waits until its first sync is over. */
  async connected(account: Account, options: Record<string, unknown> = {}): Promise<Json> {
    const { integration, userErrors: errors } = await this.connect(account, options);
    if (!integration) throw new Error(`Not connected: ${JSON.stringify(errors)}`);
    await this.idle(integration.id);
    return this.integration(integration.id);
  }

  reconnect(id: string, account: Account): Promise<Json> {
    return this.mutate(
      "reconnectIntegration",
      { id, credentials: credentialsOf(account) },
      `integration { ${integrationFields} }`,
    );
  }

  updateIntegration(id: string, changes: Record<string, unknown>): Promise<Json> {
    return this.mutate("updateIntegration", { id, ...changes }, `integration { ${integrationFields} }`);
  }

  disconnect(id: string): Promise<Json> {
    return this.mutate("disconnectIntegration", { id }, `integration { ${integrationFields} }`);
  }

  async integration(id: string): Promise<Json> {
    return dataOf(await this.caller.query(`query ($id: ID!) { integration(id: $id) { ${integrationFields} } }`, { id }))
      .integration;
  }

  /** Asks for a sync, and waits for its outcome. */
  async sync(integrationId: string, options: Record<string, unknown> = {}): Promise<Json> {
    const { syncRun, userErrors: errors } = await this.mutate(
      "syncIntegration",
      { integrationId, ...options },
      "syncRun { id }",
    );
    if (!syncRun) throw new Error(`No sync: ${JSON.stringify(errors)}`);
    return this.over(syncRun.id);
  }

  /** Newest first. */
  async runs(integrationId: string): Promise<Json[]> {
    const query = `query ($filter: SyncRunFilter) { syncRuns(filter: $filter) { nodes { ${runFields} } } }`;
    return dataOf(await this.caller.query(query, { filter: { integrationId } })).syncRuns.nodes;
  }

  async run(id: string): Promise<Json> {
    return dataOf(await this.caller.query(`query ($id: ID!) { syncRun(id: $id) { ${runFields} } }`, { id })).syncRun;
  }

  over(runId: string, withinMs = 20_000): Promise<Json> {
    return eventually("the end of a sync", () => this.run(runId), isOver, { withinMs });
  }

  /** Waits until no sync of the integration waits or runs. @returns its syncs, newest first */
  idle(integrationId: string, withinMs = 20_000): Promise<Json[]> {
    return eventually(
      "quiet",
      () => this.runs(integrationId),
      (runs) => runs.length > 0 && runs.every(isOver),
      { withinMs },
    );
  }

  create(calendarId: string, event: Record<string, unknown>): Promise<Json> {
    return this.mutate("createCalendarEvent", { calendarId, ...event }, `calendarEvent { ${eventFields} }`);
  }

  update(id: string, changes: Record<string, unknown>): Promise<Json> {
    return this.mutate(
      "updateCalendarEvent",
      { id, ...changes },
      `calendarEvent { ${eventFields} } current { ${eventFields} } attempted`,
    );
  }

  delete(id: string, options: Record<string, unknown> = {}): Promise<Json> {
    return this.mutate(
      "deleteCalendarEvent",
      { id, ...options },
      `calendarEvent { ${eventFields} } current { ${eventFields} } attempted`,
    );
  }

  respond(id: string, response: string): Promise<Json> {
    return this.mutate("respondToCalendarEvent", { id, response }, `calendarEvent { ${eventFields} }`);
  }

  async event(id: string): Promise<Json> {
    return dataOf(await this.caller.query(`query ($id: ID!) { calendarEvent(id: $id) { ${eventFields} } }`, { id }))
      .calendarEvent;
  }

  /** Everything that happens in a range, page by page. */
  async events(filter: Record<string, unknown>, first = 200): Promise<Json[]> {
    const query = `query ($filter: CalendarEventFilter!, $first: Int!, $after: String) {
      calendarEvents(filter: $filter, first: $first, after: $after) {
        nodes { ${eventFields} } edges { cursor } pageInfo { hasNextPage endCursor }
      }
    }`;
    const nodes: Json[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Json = dataOf(await this.caller.query(query, { filter, first, after })).calendarEvents;
      nodes.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) return nodes;
      after = page.pageInfo.endCursor;
    }
  }

  /** The log from its beginning. */
  async log(types: readonly string[] | null = null): Promise<Json[]> {
    const query = `query ($filter: IntegrationEventFilter, $after: String) {
      integrationEvents(filter: $filter, first: 200, after: $after) {
        nodes { id cursor type subjectId data correlationId actor { kind id } } pageInfo { hasNextPage endCursor }
      }
    }`;
    const nodes: Json[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Json = dataOf(await this.caller.query(query, { filter: { types }, after })).integrationEvents;
      nodes.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) return nodes;
      after = page.pageInfo.endCursor;
    }
  }
}

export function credentialsOf(account: Partial<Account>): { name: string; value: string }[] {
  return Object.entries(account).map(([name, value]) => ({ name, value }));
}

/** @throws Error when the answer has errors */
export function dataOf({ data, errors }: Answer): Json {
  if (errors) throw new Error(`Unexpected errors: ${JSON.stringify(errors)}`);
  return data;
}

function isOver({ state }: { state: string }): boolean {
  return state !== "QUEUED" && state !== "RUNNING";
}
