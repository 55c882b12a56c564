import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, parse } from "graphql";

/** What the rest of the platform has of the graph: it owns the users and the jobs that this service adds to. */
export const platformSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])

  type Query {
    user(id: ID!): User
    job(id: ID!): Job
  }

  type User @key(fields: "id") {
    id: ID!
    name: String!
  }

  type Job @key(fields: "id") {
    id: ID!
    title: String!
  }
`;

export interface PlatformSubgraph {
  readonly url: string;
  stop(): Promise<void>;
}

/** The platform's own subgraph, on loopback. A user's name is their id in capitals. */
export async function startPlatformSubgraph(): Promise<PlatformSubgraph> {
  const user = ({ id }: { id: string }) => ({ id, name: id.toUpperCase() });
  const job = ({ id }: { id: string }) => ({ id, title: `Job ${id}` });
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(platformSdl),
      resolvers: {
        Query: {
          user: (_: unknown, key: { id: string }) => user(key),
          job: (_: unknown, key: { id: string }) => job(key),
        },
        User: { __resolveReference: user },
        Job: { __resolveReference: job },
      },
    },
  ]);
  const server = createServer(async (request, response) => {
    const { query, variables, operationName } = JSON.parse(await text(request));
    const answer = await graphql({ schema, source: query, variableValues: variables, operationName });
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
