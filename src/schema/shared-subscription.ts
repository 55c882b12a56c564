import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FieldNode,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionSetNode,
  visit,
} from "graphql";
import { Context } from "./context.ts";

/** For so long a slower reader may be given what an event's subject was to a faster one. */
const momentMs = 1000;
/** Of one event. Further ways to ask for it push out the oldest, and cost an execution each. */
const maxWaysPerEvent = 20;

export type SubscriptionStream = AsyncIterableIterator<ExecutionResult>;

/** How a subscription shows events, and so with whom it may share. */
interface Way {
  /** The same for all who are to be shown the same. */
  readonly key: string;
  /** Whether it shows nothing but what is stored in the event, which does not change. */
  readonly isStored: boolean;
}

interface Shown {
  readonly result: Promise<ExecutionResult>;
  readonly begunAtMs: number;
}

/**
 * Subscriptions whose events are executed once for all who ask for the same and may see the same, and not once for each
 * of them. Which events a subscriber gets is decided for each alone, before.
 *
 * Who asks for what is stored in events shares with the whole tenant. Who asks for what they are about, as it is now,
 * shares with their own other sockets, and for a moment only.
 */
export class SharedSubscriptions {
  /** By the event as the log's tail keeps it, so that what was shown is forgotten together with it. */
  private readonly shown = new WeakMap<object, Map<string, Shown>>();

  constructor(
    /** Whether a field of an event is stored with it. */
    private readonly isStoredField: (name: string) => boolean,
    private readonly clockMs: () => number = () => performance.now(),
  ) {}

  /** @returns the results, or why there are none; the iterator ends at once when it is returned from */
  async subscribe(args: ExecutionArgs): Promise<SubscriptionStream | ExecutionResult> {
    const events = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in events)) return events;
    return this.results(events[Symbol.asyncIterator](), wayOf(args, this.isStoredField), args);
  }

  private results(events: AsyncIterator<unknown>, way: Way, args: ExecutionArgs): SubscriptionStream {
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        const { value, done } = await events.next();
        return done ? { value: undefined, done } : { value: await this.show(value, way, args), done: false };
      },
      return: async () => {
        await events.return?.();
        return { value: undefined, done: true };
      },
    };
  }

  private async show(event: unknown, { key, isStored }: Way, args: ExecutionArgs): Promise<ExecutionResult> {
    const run = async () => execute({ ...args, rootValue: event });
    if (typeof event !== "object" || event === null) return run();
    const ways = this.shown.get(event) ?? new Map<string, Shown>();
    this.shown.set(event, ways);
    const begunAtMs = this.clockMs();
    const known = ways.get(key);
    if (known && (isStored || begunAtMs - known.begunAtMs < momentMs)) return known.result;

    const result = run();
    ways.delete(key);
    ways.set(key, { result, begunAtMs });
    const [oldest] = ways.keys();
    if (oldest !== undefined && ways.size > maxWaysPerEvent) ways.delete(oldest);
    // Whoever waits for it shares a failure, too; whoever comes later tries anew.
    const forget = () => ways.get(key)?.result === result && ways.delete(key);
    result.then(({ errors }) => errors && forget(), forget);
    return result;
  }
}

function wayOf(
  { document, operationName, variableValues, contextValue }: ExecutionArgs,
  isStoredField: (name: string) => boolean,
): Way {
  const operation = getOperationAST(document, operationName);
  if (!operation || !(contextValue instanceof Context)) throw new Error("A subscription came without its operation");
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  const shape: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [withoutChoice(operation), ...fragments],
  };
  const { tenantId, userId, scopes } = contextValue.viewer;
  const byName = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  const isStored = fieldsOfEvents(operation, byName).every(({ name }) => isStoredField(name.value));
  const seenBy = isStored ? [tenantId] : [tenantId, userId, ...[...scopes].sort()];
  const variables = [...variablesIn(shape)].sort().map((name) => [name, variableValues?.[name]]);
  return { key: JSON.stringify([seenBy, print(shape), variables]), isStored };
}

/** Which events, and from where on, is told by the arguments of the subscription's field; they show none differently. */
function withoutChoice(operation: OperationDefinitionNode): OperationDefinitionNode {
  const selections = operation.selectionSet.selections.map((selection) =>
    selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection,
  );
  return { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

/** The variables that are used, not only declared. */
function variablesIn(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable({ name }) {
      names.add(name.value);
    },
  });
  return names;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function fieldsOfEvents({ selectionSet }: OperationDefinitionNode, fragments: Fragments): FieldNode[] {
  return fieldsOf(selectionSet, fragments).flatMap((event) =>
    event.selectionSet ? fieldsOf(event.selectionSet, fragments) : [],
  );
}

/** Those of fragments, too. */
function fieldsOf({ selections }: SelectionSetNode, fragments: Fragments): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    return inner ? fieldsOf(inner.selectionSet, fragments) : [];
  });
}
