import { createHash } from "node:crypto";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Context } from "./context.ts";

/** What an event says of itself, whoever reads it. Everything else is looked up in the reader's name, as it is now. */
const storedFields: ReadonlySet<string> = new Set([
  ...["__typename", "id", "cursor", "type", "occurredAt", "subjectId", "data", "dataVersion"],
  ...["correlationId", "causationId", "actor"],
]);
/** What was looked up is given to others no longer than this: a slower reader gets things as they are then. */
const freshMs = 1000;

/** A subscription with a context of ours. */
export interface SubscriptionArgs extends ExecutionArgs {
  readonly contextValue: Context;
}

interface Shared {
  readonly at: number;
  readonly result: Promise<ExecutionResult>;
}

/**
 * Runs subscriptions. Each event is executed once for all who want the same of it and may see the same, and not once for each:
 * a thousand open pages of one tenant cost what one does.
 *
 * Who may read an event at all is decided for each reader before. Fields of the event itself are the same for everybody; with
 * others, readers share when they are the same user with the same scopes.
 */
export class SharedSubscriptions {
  /** By the event as it is kept for all readers: what nobody keeps any more goes by itself. */
  private readonly executed = new WeakMap<object, Map<string, Shared>>();

  constructor(private readonly elapsed: () => number = () => performance.now()) {}

  /** @returns the results, until the reader has enough; or why there are none */
  async subscribe(args: SubscriptionArgs): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const events = source[Symbol.asyncIterator]() as AsyncIterator<unknown>;
    const key = keyOf(args);
    const results: AsyncIterableIterator<ExecutionResult> = {
      [Symbol.asyncIterator]: () => results,
      next: async () => {
        const { value, done } = await events.next();
        return done ? { value: undefined, done: true } : { value: await this.resultOf(value, args, key), done: false };
      },
      // At once, also while an event is waited for.
      return: async () => {
        await events.return?.();
        return { value: undefined, done: true };
      },
    };
    return results;
  }

  private resultOf(event: unknown, args: SubscriptionArgs, { text, isLive }: SharingKey): Promise<ExecutionResult> {
    const run = async () => execute({ ...args, rootValue: event });
    if (typeof event !== "object" || event === null) return run();
    const ofEvent = this.executed.get(event) ?? new Map<string, Shared>();
    this.executed.set(event, ofEvent);
    const at = this.elapsed();
    const known = ofEvent.get(text);
    if (known && (!isLive || at - known.at < freshMs)) return known.result;
    const result = run();
    ofEvent.set(text, { at, result });
    // What went wrong for one may go well for the next.
    result.then(
      ({ errors }) => errors && ofEvent.delete(text),
      () => ofEvent.delete(text),
    );
    return result;
  }
}

interface SharingKey {
  readonly text: string;
  /** Whether anything is looked up. */
  readonly isLive: boolean;
}

function keyOf({ schema, document, operationName, variableValues, contextValue }: SubscriptionArgs): SharingKey {
  const isLive = !saysOnlyStored(schema, document);
  const { tenantId, userId, scopes } = contextValue.viewer;
  const reader = isLive ? [userId, [...scopes].sort()] : null;
  const wanted = JSON.stringify([tenantId, reader, print(document), operationName, variableValues]);
  return { text: createHash("sha256").update(wanted).digest("base64url"), isLive };
}

function saysOnlyStored(schema: GraphQLSchema, document: DocumentNode): boolean {
  const types = new TypeInfo(schema);
  let only = true;
  const look = {
    Field({ name }: { readonly name: { readonly value: string } }) {
      if (types.getParentType()?.name === "IntegrationEvent" && !storedFields.has(name.value)) only = false;
    },
  };
  visit(document, visitWithTypeInfo(types, look));
  return only;
}
