import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

export interface QueryLimits {
  readonly maxDepth: number;
  /** Fields, those in lists counted as often as the list may have entries. */
  readonly maxCost: number;
}

export const defaultLimits: QueryLimits = { maxDepth: 15, maxCost: 50_000 };

const defaultFirst = 50;
/** What a variable may hold. */
const maxFirst = 200;

interface Measure {
  readonly depth: number;
  readonly cost: number;
}

/** Refuses operations that are too deep or would read too much, before anything is executed. */
export function queryLimits({ maxDepth, maxCost }: QueryLimits = defaultLimits): ValidationRule {
  return (context): ASTVisitor => ({
    OperationDefinition(operation) {
      const { depth, cost } = measure(operation.selectionSet, context, new Set());
      if (depth > maxDepth) refuse(context, `The operation is ${depth} levels deep; ${maxDepth} are allowed`);
      if (cost > maxCost) {
        refuse(context, `The operation may read ${cost} fields; ${maxCost} are allowed. Ask for less with \`first\``);
      }
    },
  });
}

function refuse(context: ValidationContext, message: string): void {
  context.reportError(new GraphQLError(message, { extensions: { code: "INVALID_INPUT" } }));
}

/** @param entered fragments on the way here; one that contains itself is reported by another rule */
function measure(selections: SelectionSetNode, context: ValidationContext, entered: ReadonlySet<string>): Measure {
  let depth = 0;
  let cost = 0;
  for (const selection of selections.selections) {
    const inner = measureOne(selection, context, entered);
    depth = Math.max(depth, inner.depth);
    cost += inner.cost;
  }
  return { depth, cost };
}

function measureOne(
  selection: SelectionSetNode["selections"][number],
  context: ValidationContext,
  entered: ReadonlySet<string>,
): Measure {
  if (selection.kind === Kind.INLINE_FRAGMENT) return measure(selection.selectionSet, context, entered);
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    const name = selection.name.value;
    const fragment = context.getFragment(name);
    if (!fragment || entered.has(name)) return { depth: 0, cost: 0 };
    return measure(fragment.selectionSet, context, new Set([...entered, name]));
  }
  // Tools read the schema in one deep query; it is bounded by the schema itself.
  if (selection.name.value.startsWith("__")) return { depth: 1, cost: 1 };
  if (!selection.selectionSet) return { depth: 1, cost: 1 };
  const inner = measure(selection.selectionSet, context, entered);
  return { depth: inner.depth + 1, cost: 1 + inner.cost * entriesOf(selection) };
}

/** A connection counts its page once, where `first` stands; what it holds is not multiplied again. */
function entriesOf({ arguments: given = [], name, selectionSet }: FieldNode): number {
  const first = given.find((argument) => argument.name.value === "first")?.value;
  if (first?.kind === Kind.INT) return Math.min(maxFirst, Math.max(1, Number(first.value)));
  if (first) return maxFirst;
  const isConnection = selectionSet?.selections.some(
    (selection) => selection.kind === Kind.FIELD && ["edges", "nodes", "pageInfo"].includes(selection.name.value),
  );
  if (isConnection) return defaultFirst;
  return ["calendars", "attendees", "providers", "skipped"].includes(name.value) ? 10 : 1;
}
