import type { ApolloServerPlugin } from "@apollo/server";
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import type { Context } from "./context.ts";

/**
 * Executes queries and mutations as compiled functions, about twice as fast as walking them. A document that cannot be
 * compiled is executed as usual.
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
    const query = compileQuery(schema, document, operationName ?? undefined);
    const usable = isCompiledQuery(query) ? query : null;
    ofDocument.set(key, usable);
    return usable;
  }

  return {
    async requestDidStart() {
      return {
        async responseForOperation({ schema, document, operation, operationName, request, contextValue, response }) {
          if (operation.operation === "subscription") return null;
          const query = compile(schema, document, operationName);
          if (!query) return null;
          const { data, errors } = await query.query({}, contextValue, request.variables ?? {});
          const shown = errors?.map((error) => showError(asGraphQLError(error)));
          const singleResult = {
            ...(shown && { errors: shown }),
            ...(data !== undefined && { data: data as Record<string, unknown> }),
          };
          return { http: response.http, body: { kind: "single", singleResult } };
        },
      };
    },
  };
}

/** The compiled code makes errors of its own class, with the same fields. */
function asGraphQLError(error: GraphQLError): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const { message, path, originalError } = error as GraphQLError;
  return new GraphQLError(message, { ...(path && { path }), ...(originalError && { originalError }) });
}
