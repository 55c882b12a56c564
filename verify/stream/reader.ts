/** An event as every door tells it. */
export interface ReadEvent {
  readonly id: string;
  readonly cursor: string;
  readonly [field: string]: unknown;
}

/** What is asked for at every door. */
export const eventFields =
  "id cursor type occurredAt subjectId data dataVersion correlationId causationId actor { kind id }";
export const subscription = `subscription ($after: String) { integrationEvents(after: $after) { ${eventFields} } }`;

/** Before the first event of any tenant. */
export const beginning = Buffer.from("event:0").toString("base64url");

/** Somebody who reads a tenant's log from its beginning, and goes on after their last event however often they are cut off. */
export abstract class Reader {
  readonly events: ReadEvent[] = [];
  /** How often they were cut off. */
  cuts = 0;

  constructor(readonly name: string) {}

  get last(): string {
    return this.events.at(-1)?.cursor ?? beginning;
  }

  protected take(event: ReadEvent): void {
    this.events.push(event);
  }

  /** Cuts them off without warning. */
  abstract cut(): void;
  abstract stop(): Promise<void>;
}

/** How what somebody has read compares with what there was to read. */
export interface Comparison {
  readonly missing: number;
  readonly twice: number;
  readonly outOfOrder: number;
}

export function compare({ events }: Reader, log: readonly string[]): Comparison {
  const read = events.map(({ id }) => id);
  const seen = new Set(read);
  const places = new Map(log.map((id, index) => [id, index]));
  const once = [...seen].map((id) => places.get(id) ?? Number.NaN);
  return {
    missing: log.filter((id) => !seen.has(id)).length,
    twice: read.length - seen.size,
    outOfOrder: once.filter((place, index) => !(place > (once[index - 1] ?? -1))).length,
  };
}
