import type { ApolloServerPlugin } from "@apollo/server";
import {
  type DocumentNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getVariableValues,
  isEnumType,
  isSpecifiedScalarType,
  type TypeNode,
  typeFromAST,
  visit,
} from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import type { Context } from "./context.ts";

/**
 * Executes queries and mutations as compiled functions, about twice as fast as walking them. What cannot be compiled,
 * or would mean something else then, is executed as usual.
 */
export function compiledExecutor(showError: (error: unknown) => GraphQLFormattedError): ApolloServerPlugin<Context> {
  // Apollo keeps parsed documents in a bounded store, so what is compiled goes when its document goes.
  const compiled = new WeakMap<DocumentNode, Map<string, CompiledQuery | null>>();

  function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string | null): CompiledQuery | null {
    const ofDocument = compiled.get(document) ?? new Map<string, CompiledQuery | null>();
    compiled.set(document, ofDocument);
    const key = operationName ?? "";
    const known = ofDocument.get(key);
    if (known !== undefined) return known;
    const query = keepsItsMeaning(schema, document) ? compileQuery(schema, document, operationName ?? undefined) : null;
    const usable = query && isCompiledQuery(query) ? query : null;
    ofDocument.set(key, usable);
    return usable;
  }

  return {
    async requestDidStart() {
      return {
        async responseForOperation({ schema, document, operation, operationName, request, contextValue, response }) {
          if (operation.operation === "subscription") return null;
          const query = compile(schema, document, operationName);
          const variables = request.variables ?? {};
          // Variables that are wrong are told in the words, and with the status, of the usual way.
          if (!query || getVariableValues(schema, operation.variableDefinitions ?? [], variables).errors) return null;
          const { data, errors } = await query.query({}, contextValue, variables);
          const shown = errors && { errors: errors.map(showError) };
          return {
            http: response.http,
            body: { kind: "single", singleResult: { ...shown, data: data as Record<string, unknown> | null } },
          };
        },
      };
    },
  };
}

/**
 * graphql-jit 0.8.9 takes a variable inside of an object or a list for null when it is left out, drops it inside of a
 * custom scalar, and gives resolvers the text of a variable's preset instead of its value.
 */
function keepsItsMeaning(schema: GraphQLSchema, document: DocumentNode): boolean {
  let keeps = true;
  visit(document, {
    Variable(_node, _key, parent) {
      const isWhole = parent && "kind" in parent && ["Argument", "VariableDefinition"].includes(parent.kind);
      if (!isWhole) keeps = false;
    },
    VariableDefinition({ type, defaultValue }) {
      if (defaultValue && !isPlain(schema, type)) keeps = false;
    },
  });
  return keeps;
}

/** Whether values of the type mean to resolvers what they are in JSON. */
function isPlain(schema: GraphQLSchema, typeNode: TypeNode): boolean {
  if (typeNode.kind !== "NamedType") return isPlain(schema, typeNode.type);
  const type = typeFromAST(schema, typeNode);
  return isEnumType(type) || (type !== undefined && isSpecifiedScalarType(type));
}
