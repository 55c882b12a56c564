import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

export interface QueryLimits {
  readonly maxDepth: number;
  /** Fields, those in lists counted as often as the list may have entries, and each as much as its `@cost` says. */
  readonly maxCost: number;
}

export const defaultLimits: QueryLimits = { maxDepth: 15, maxCost: 50_000 };

const defaultFirst = 50;
/** What a variable may hold. */
const maxFirst = 200;
/** How long a list without pages is taken to be. */
const usualLength = 10;

interface Measure {
  readonly depth: number;
  readonly cost: number;
}

/** Refuses operations that are too deep or would read too much, before anything is executed. */
export function queryLimits({ maxDepth, maxCost }: QueryLimits = defaultLimits): ValidationRule {
  return (context): ASTVisitor => ({
    OperationDefinition({ operation, selectionSet }) {
      const root = context.getSchema().getRootType(operation) ?? null;
      const { depth, cost } = measure(selectionSet, root, { context, fragments: new Map() });
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

/** Null when other rules have something to report. */
type Parent = GraphQLNamedType | null;

interface Measuring {
  readonly context: ValidationContext;
  /** Each is measured once, however often it is used: thirty of them can stand for a thousand million fields. */
  readonly fragments: Map<string, Measure>;
}

function measure({ selections }: SelectionSetNode, parent: Parent, measuring: Measuring): Measure {
  let depth = 0;
  let cost = 0;
  for (const selection of selections) {
    const inner = measureOne(selection, parent, measuring);
    depth = Math.max(depth, inner.depth);
    cost += inner.cost;
  }
  return { depth, cost };
}

function measureOne(selection: SelectionNode, parent: Parent, measuring: Measuring): Measure {
  if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value, measuring);
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const { typeCondition, selectionSet } = selection;
    return measure(selectionSet, typeCondition ? typeNamed(typeCondition, measuring) : parent, measuring);
  }
  // Tools read the schema in one deep query; it is bounded by the schema itself.
  if (selection.name.value.startsWith("__") || !selection.selectionSet) return { depth: 1, cost: 1 };
  const field = isObjectType(parent) ? parent.getFields()[selection.name.value] : undefined;
  const type = field?.type ?? null;
  const inner = measure(selection.selectionSet, getNamedType(type) ?? null, measuring);
  return { depth: inner.depth + 1, cost: weightOf(field) + inner.cost * entriesOf(selection, type, parent) };
}

/** What its `@cost` says, which routers read too. */
function weightOf(field: GraphQLField<unknown, unknown> | undefined): number {
  const cost = field?.astNode?.directives?.find(({ name }) => name.value === "cost");
  const weight = cost?.arguments?.find(({ name }) => name.value === "weight")?.value;
  return weight?.kind === Kind.INT ? Number(weight.value) : 1;
}

function measureFragment(name: string, measuring: Measuring): Measure {
  const { context, fragments } = measuring;
  const known = fragments.get(name);
  if (known) return known;
  // Inside of itself it counts for nothing: another rule reports it, as one does a fragment there is not.
  fragments.set(name, { depth: 0, cost: 0 });
  const fragment = context.getFragment(name);
  if (!fragment) return { depth: 0, cost: 0 };
  const whole = measure(fragment.selectionSet, typeNamed(fragment.typeCondition, measuring), measuring);
  fragments.set(name, whole);
  return whole;
}

function typeNamed({ name }: NamedTypeNode, { context }: Measuring): Parent {
  return context.getSchema().getType(name.value) ?? null;
}

/** A connection counts its page once, where `first` stands; what it holds is not multiplied again. */
function entriesOf({ arguments: given = [] }: FieldNode, type: GraphQLOutputType | null, parent: Parent): number {
  if (isConnection(parent)) return 1;
  if (!isConnection(getNamedType(type) ?? null)) return isListType(getNullableType(type)) ? usualLength : 1;
  const first = given.find((argument) => argument.name.value === "first")?.value;
  if (first?.kind === Kind.INT) return Math.min(maxFirst, Math.max(1, Number(first.value)));
  return first ? maxFirst : defaultFirst;
}

function isConnection(type: Parent): boolean {
  return type?.name.endsWith("Connection") ?? false;
}
